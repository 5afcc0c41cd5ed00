"""What a front adds to a request, and whom it believes: TLS, redirects, sticky sessions, other fronts."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from local.caddy import CaddyServer
from local.visiting import visit
from services.region.machinery.authority import Authority, Certificate
from services.region.machinery.front import Front
from services.region.machinery.front_config import AppRoute, HandoverRoute
from tests.region_machinery.fronts import KEY, to, unreadable
from tests.region_machinery.upstream import Upstream, upstream

pytestmark = pytest.mark.anyio

CHALLENGE = "/.well-known/acme-challenge/token"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("authority")


@pytest.fixture(scope="module")
def authority(directory: Path) -> Authority:
    return Authority(directory, "here")


@dataclass(frozen=True)
class Visitor:
    """Asks a front by HTTPS."""

    front: str
    trust: ssl.SSLContext

    async def get(self, host: str, path: str = "/") -> httpx.Response:
        return await visit(self.front, host, path, self.trust)


@pytest.fixture
def visitor(caddies: tuple[CaddyServer, CaddyServer], authority: Authority, directory: Path) -> Visitor:
    return Visitor(caddies[0].front_tls_url, ssl.create_default_context(cafile=directory / "authority.pem"))


@pytest.fixture
async def handover(there: Front, there_url: str, app: Upstream) -> HandoverRoute:
    """Of an app that the other region serves, and redirects to HTTPS."""
    hosts = ("a.two.localhost", "www.example.org")
    await there.apply([AppRoute(hosts, (app.port,), force_https=True)], {})
    return HandoverRoute(("a.one.localhost",), ("www.example.org",), there_url, "a.two.localhost")


def issued(authority: Authority, *hosts: str) -> dict[str, Certificate]:
    return {host: authority.issue(host) for host in hosts}


async def test_each_host_is_served_with_its_own_certificate(
    here: Front, visitor: Visitor, authority: Authority, app: Upstream
) -> None:
    certificates = issued(authority, "*.one.localhost", "www.example.org")
    # An owner's certificate may be good for names that are somebody else's here.
    certificates["shop.example.org"] = authority.issue("*.example.org")
    hosts = ("a.one.localhost", "www.example.org", "shop.example.org", "plain.example.org")
    await here.apply([AppRoute(hosts, (app.port,))], certificates)

    for host in hosts[:3]:
        seen = (await visitor.get(host)).json()
        assert (seen["by"], seen["headers"]["x-forwarded-proto"]) == ("app", "https")
    for host in ("plain.example.org", "nobody.example.org"):
        with pytest.raises(httpx.ConnectError):
            await visitor.get(host)


async def test_a_certificate_that_the_front_cannot_read_harms_nobody_else(
    here: Front, visitor: Visitor, authority: Authority, app: Upstream
) -> None:
    hosts = ("one.example.org", "bad.example.org", "two.example.org")
    certificates = issued(authority, *hosts) | {hosts[1]: unreadable(hosts[1])}
    await here.apply([AppRoute(hosts, (app.port,))], certificates)

    assert [await here.reads(each) for each in certificates.values()] == [True, False, True]

    for host in (hosts[0], hosts[2]):
        assert (await visitor.get(host)).json()["by"] == "app"
    with pytest.raises(httpx.ConnectError):
        await visitor.get(hosts[1])


async def test_plain_http_and_other_hosts_are_redirected(
    here: Front, visitor: Visitor, client: httpx.AsyncClient, authority: Authority, app: Upstream
) -> None:
    hosts = ("a.one.localhost", "www.example.org", "example.org")
    certificates = issued(authority, *hosts)
    route = AppRoute(hosts, (app.port,), force_https=True, canonical="www.example.org")
    tls_url = httpx.URL(visitor.front)

    await here.apply([route], certificates)
    forced = await client.post("/path?q=1", headers=to("example.org:80"), content=b"x")
    assert forced.status_code == 308
    assert forced.headers["location"] == f"https://example.org:{tls_url.port}/path?q=1"
    elsewhere = await visitor.get("example.org", "/path?q=1")
    assert elsewhere.status_code == 302
    assert elsewhere.headers["location"] == f"https://www.example.org:{tls_url.port}/path?q=1"
    assert (await visitor.get("www.example.org")).json()["by"] == "app"
    for host in hosts:
        assert (await client.get(CHALLENGE, headers=to(host))).json()["path"] == CHALLENGE

    await here.apply([AppRoute(hosts, (app.port,), canonical="www.example.org")], certificates)
    plain = await client.get("/", headers=to("a.one.localhost"))
    assert plain.status_code == 302
    assert plain.headers["location"] == f"http://www.example.org:{client.base_url.port}/"
    assert (await client.get("/", headers=to("www.example.org"))).json()["by"] == "app"


async def test_a_visitor_stays_with_one_container_while_it_is_there(
    here: Front, client: httpx.AsyncClient
) -> None:
    async with upstream("first") as first:
        async with upstream("second") as second:
            route = AppRoute(("a.localhost",), (first.port, second.port), sticky=True)
            await here.apply([route], {})
            met = [(await client.get("/", headers=to("a.localhost"))).json()["by"] for _ in range(4)]
            assert len(set(met)) == 1
            while met[-1] != "second":  # as another visitor, who is given the next one
                client.cookies.clear()
                met.append((await client.get("/", headers=to("a.localhost"))).json()["by"])
        assert (await client.get("/", headers=to("a.localhost"))).json()["by"] == "first"


async def test_what_a_visitor_says_about_itself_is_not_believed(
    here: Front, handover: HandoverRoute, client: httpx.AsyncClient, app: Upstream
) -> None:
    await here.apply([AppRoute(("a.localhost",), (app.port,)), handover], {})
    forged = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Host": "else.where",
        "Forwarded": "proto=https",
        "Storky-Front-Path": "here",
    }
    for key in ({}, {"Storky-Front-Key": "guessed"}):
        for host in ("a.localhost", "a.one.localhost"):
            answer = await client.get(CHALLENGE, headers=to(host, **forged, **key))
            assert answer.status_code == 200, "a forged path is no loop"
            seen = answer.json()["headers"]
            assert (seen["x-forwarded-proto"], seen["x-forwarded-host"]) == ("http", host)
            assert "203.0.113.9" not in seen["x-forwarded-for"]
            assert not {"forwarded", "storky-front-key", "storky-front-path"} & seen.keys()
        redirected = await client.get("/", headers=to("a.one.localhost", **forged, **key))
        assert redirected.status_code == 308


async def test_a_request_is_handed_over_as_it_came(
    here: Front,
    handover: HandoverRoute,
    visitor: Visitor,
    client: httpx.AsyncClient,
    authority: Authority,
) -> None:
    """Over HTTPS it counts as such at the new region, whose settings alone decide about plain HTTP."""
    await here.apply([handover], issued(authority, "*.one.localhost", "www.example.org"))

    for host, known_as in (("a.one.localhost", "a.two.localhost"), ("www.example.org", "www.example.org")):
        seen = (await visitor.get(host)).json()["headers"]
        assert (seen["host"], seen["x-forwarded-host"]) == (known_as, host)
        assert seen["x-forwarded-proto"] == "https"
        assert not {"storky-front-key", "storky-front-path"} & seen.keys()
        redirected = await client.get("/path", headers=to(host))
        assert redirected.status_code == 308
        assert redirected.headers["location"].startswith(f"https://{known_as}:")
        assert (await client.get(CHALLENGE, headers=to(host))).json()["path"] == CHALLENGE


async def test_a_front_passes_nothing_on_a_second_time(
    here: Front, there_url: str, client: httpx.AsyncClient, app: Upstream
) -> None:
    handover = HandoverRoute(("b.localhost",), (), there_url, "b.two.localhost")
    await here.apply([AppRoute(("a.localhost",), (app.port,)), handover], {})
    for path, statuses in (("here", (200, 508)), ("there, here", (200, 508)), ("nowhere", (200, 404))):
        headers = {"Storky-Front-Key": KEY, "Storky-Front-Path": path}
        answers = [
            await client.get("/", headers=to(host, **headers)) for host in ("a.localhost", "b.localhost")
        ]
        assert tuple(answer.status_code for answer in answers) == statuses


async def test_the_same_configuration_closes_no_connection(
    here: Front, client: httpx.AsyncClient, authority: Authority, app: Upstream
) -> None:
    routes, certificates = [AppRoute(("a.localhost",), (app.port,))], issued(authority, "a.localhost")
    await here.apply(routes, certificates)
    used = []
    for _ in range(2):
        answer = await client.get("/", headers=to("a.localhost"))
        used.append(answer.extensions["network_stream"].get_extra_info("client_addr"))
        await here.apply(routes, certificates)
    assert used[0] == used[1]
