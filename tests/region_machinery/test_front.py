from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import anyio
import httpx
import pytest

from local.caddy import CaddyServer
from local.ports import free_port
from services.region.machinery.front import Front, FrontError
from services.region.machinery.front_config import AppRoute, HandoverRoute, Listeners
from tests.region_machinery.fronts import KEY, front_of, to
from tests.region_machinery.upstream import Upstream, upstream

pytestmark = pytest.mark.anyio


@pytest.fixture
async def handover(there: Front, there_url: str, app: Upstream) -> HandoverRoute:
    """Of an app that the other region serves."""
    await there.apply([AppRoute(("b.localhost",), (app.port,))], {})
    return HandoverRoute(("a.localhost",), (), there_url, "b.localhost")


async def test_an_app_is_served_under_all_its_hosts(
    here: Front, client: httpx.AsyncClient, app: Upstream
) -> None:
    await here.apply([AppRoute(("a.one.localhost", "www.example.org"), (app.port,))], {})
    for host in ("a.one.localhost", "www.example.org:8080", "WWW.example.org"):
        seen = (await client.get("/path?q=1", headers=to(host))).json()
        assert (seen["by"], seen["path"], seen["headers"]["host"]) == ("app", "/path?q=1", host)
        assert seen["headers"]["x-forwarded-host"] == host
        assert seen["headers"]["x-forwarded-proto"] == "http"


async def test_all_web_containers_share_the_requests(here: Front, client: httpx.AsyncClient) -> None:
    async with upstream("first") as first, upstream("second") as second:
        await here.apply([AppRoute(("a.localhost",), (first.port, second.port))], {})
        answers = [(await client.get("/", headers=to("a.localhost"))).json()["by"] for _ in range(4)]
    assert sorted(answers) == ["first", "first", "second", "second"]


async def test_a_web_container_that_is_down_is_passed_over(
    here: Front, client: httpx.AsyncClient, app: Upstream
) -> None:
    await here.apply([AppRoute(("a.localhost",), (free_port(), app.port))], {})
    answers = [
        (await client.post("/", headers=to("a.localhost"), content=b"x")).status_code for _ in range(4)
    ]
    assert answers == [200] * 4


async def test_a_container_that_is_just_starting_is_waited_for(
    here: Front, client: httpx.AsyncClient
) -> None:
    port, served = free_port(), anyio.Event()
    await here.apply([AppRoute(("a.localhost",), (port,))], {})

    async def start_late() -> None:
        await anyio.sleep(0.3)
        async with upstream("late", port):
            await served.wait()

    async with anyio.create_task_group() as group:
        group.start_soon(start_late)
        answer = await client.get("/", headers=to("a.localhost"))
        served.set()
    assert answer.json()["by"] == "late"


@pytest.mark.parametrize(
    ("host", "status", "text"),
    [
        ("stopped.localhost", 503, "this app is stopped"),
        ("nobody.localhost", 404, "no such app here"),
        ("dead.localhost", 502, "the app does not answer"),
    ],
)
async def test_what_cannot_be_served_gets_a_short_plain_answer(
    here: Front, client: httpx.AsyncClient, host: str, status: int, text: str
) -> None:
    await here.apply(
        [AppRoute(("stopped.localhost",), ()), AppRoute(("dead.localhost",), (free_port(),))], {}
    )
    answer = await client.get("/", headers=to(host))
    assert (answer.status_code, answer.text) == (status, f"{text}\n")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_a_handed_over_app_is_answered_by_the_other_region(
    here: Front, there: Front, there_url: str, client: httpx.AsyncClient, app: Upstream
) -> None:
    await there.apply([AppRoute(("a.two.localhost", "www.example.org"), (app.port,))], {})
    await here.apply(
        [HandoverRoute(("a.one.localhost",), ("www.example.org",), there_url, "a.two.localhost")], {}
    )
    own = await client.get("/", headers=to("a.one.localhost:8080", **{"X-Forwarded-For": "203.0.113.9"}))
    custom = await client.get("/", headers=to("www.example.org"))
    assert own.json()["headers"]["host"] == "a.two.localhost"
    assert own.json()["headers"]["x-forwarded-host"] == "a.one.localhost:8080"
    assert own.json()["headers"]["x-forwarded-for"] == "127.0.0.1, 127.0.0.1"
    assert custom.json()["headers"]["host"] == "www.example.org"


@pytest.mark.parametrize("host", ["a.one.localhost", "www.example.org"])
async def test_two_regions_that_hand_over_to_each_other_do_not_loop(
    here: Front, there: Front, caddies: Iterable[CaddyServer], client: httpx.AsyncClient, host: str
) -> None:
    here_url, there_url = (caddy.front_url for caddy in caddies)
    custom = ("www.example.org",)
    await here.apply([HandoverRoute(("a.one.localhost",), custom, there_url, "a.two.localhost")], {})
    await there.apply([HandoverRoute(("a.two.localhost",), custom, here_url, "a.one.localhost")], {})
    assert (await client.get("/", headers=to(host))).status_code == 508


@pytest.mark.parametrize("handed_over", [False, True])
async def test_large_bodies_stream_both_ways(
    here: Front, handover: HandoverRoute, client: httpx.AsyncClient, app: Upstream, handed_over: bool
) -> None:
    await here.apply([handover if handed_over else AppRoute(("a.localhost",), (app.port,))], {})
    body = b"0123456789" * 2_000_000
    answer = await client.post("/echo", headers=to("a.localhost"), content=body)
    assert answer.content == body


@pytest.mark.parametrize("handed_over", [False, True])
async def test_an_upgraded_connection_outlives_changes_of_routes(
    here: Front, handover: HandoverRoute, client: httpx.AsyncClient, app: Upstream, handed_over: bool
) -> None:
    await here.apply([handover if handed_over else AppRoute(("a.localhost",), (app.port,))], {})
    async with await anyio.connect_tcp("127.0.0.1", client.base_url.port or 0) as stream:
        upgrade = b"GET /socket HTTP/1.1\r\nHost: a.localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
        await stream.send(upgrade)
        assert (await stream.receive()).startswith(b"HTTP/1.1 101")
        await here.apply([AppRoute(("other.localhost",), ())], {})
        await stream.send(b"still there?")
        assert await stream.receive() == b"still there?"


async def test_a_request_under_way_is_finished_when_the_routes_change(
    here: Front, client: httpx.AsyncClient, app: Upstream
) -> None:
    await here.apply([AppRoute(("a.localhost",), (app.port,))], {})
    answers: list[httpx.Response] = []

    async def ask() -> None:
        answers.append(await client.get("/slow", headers=to("a.localhost")))

    async with anyio.create_task_group() as group:
        group.start_soon(ask)
        await app.waiting.wait()
        with anyio.fail_after(30):
            await here.apply([AppRoute(("a.localhost",), ())], {})
        assert (await client.get("/", headers=to("a.localhost"))).status_code == 503
        app.release.set()
    assert answers[0].json()["by"] == "app"


async def test_no_answer_is_an_error_while_routes_change_again_and_again(
    here: Front, client: httpx.AsyncClient, app: Upstream
) -> None:
    await here.apply([AppRoute(("a.localhost",), (app.port,))], {})
    statuses: set[int] = set()

    async def ask() -> None:
        while True:
            # Closed before it was read from: every client sends a GET again.
            with suppress(httpx.RemoteProtocolError, httpx.ReadError):
                statuses.add((await client.get("/", headers=to("a.localhost"))).status_code)

    async with anyio.create_task_group() as group:
        group.start_soon(ask)
        for number in range(10):
            await here.apply(
                [AppRoute(("a.localhost",), (app.port,)), AppRoute((f"x{number}.localhost",), ())], {}
            )
        group.cancel_scope.cancel()
    assert statuses == {200}


async def test_of_two_changes_at_the_same_time_the_later_one_stays(
    here: Front, client: httpx.AsyncClient
) -> None:
    async with anyio.create_task_group() as group:
        for number in range(5):
            group.start_soon(here.apply, [AppRoute((f"x{number}.localhost",), ())], {})
    answers = [(await client.get("/", headers=to(f"x{number}.localhost"))).status_code for number in range(5)]
    assert answers == [404, 404, 404, 404, 503]


async def test_routes_are_applied_while_the_front_restarts(tmp_path: Path) -> None:
    caddy = CaddyServer(tmp_path)
    front = front_of(caddy)
    async with anyio.create_task_group() as group:
        group.start_soon(front.apply, [AppRoute(("a.localhost",), ())], {})
        await anyio.sleep(0.1)
        await caddy.start()
    try:
        async with httpx.AsyncClient(base_url=caddy.front_url, trust_env=False) as client:
            assert (await client.get("/", headers=to("a.localhost"))).status_code == 503
    finally:
        await caddy.stop()


async def test_a_front_that_cannot_listen_says_so(caddies: tuple[CaddyServer, CaddyServer]) -> None:
    async with upstream("on the port") as taken:
        listeners = Listeners("there", f"http://127.0.0.1:{taken.port}", caddies[1].front_tls_url, KEY)
        front = Front(caddies[1].admin_url, listeners)
        with pytest.raises(FrontError, match="refused its configuration"):
            await front.apply([], {})
