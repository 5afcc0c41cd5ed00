"""Rows: tokens, users and regions."""

import httpx
import pytest

from tests.contract.client import apps
from tests.contract.client.refusals import RefusedError
from tests.contract.client.session import Session, signed_in
from tests.contract.client.wire import Api
from tests.end_to_end.world import DESTINATION, SOURCE, World

pytestmark = pytest.mark.anyio

OTHERS = {
    "nobody's": "e30.e30.e30",
    "unsigned": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1cy1vd25lciIsImV4cCI6OTk5OTk5OTk5OX0.",
    "no token": "not-a-token",
}


async def test_tokens_exchange(session: Session) -> None:
    first = await session.token()
    assert (await session.token(), session.exchanges) == (first, 1)  # an hour and more is left


async def test_an_unknown_api_token_is_not_exchanged(session: Session) -> None:
    async with signed_in(session.auth_url, "nobody's") as stranger:
        with pytest.raises(RefusedError) as refused:
            await stranger.self()
    assert refused.value.status == 401


async def test_a_token_is_exchanged_for_an_empty_user_only(session: Session) -> None:
    answer = await session.http.post(
        f"{session.auth_url}/v1/tokens/exchange", auth=("somebody", session.api_token), json={}
    )
    assert (answer.status_code, set(answer.json())) == (401, {"error"})


async def test_users_self(session: Session) -> None:
    user = await session.self()
    assert (user.username, user.email) == ("owner", "owner@example.com")
    assert not user.flags.get("admin", False)  # an admin would be asked for consent


async def test_regions(session: Session, world: World) -> None:
    regions = {region.name: region for region in await session.regions()}
    gateway = world.system.endpoints.gateway
    assert {SOURCE, DESTINATION} <= set(regions)
    assert [region.default for region in regions.values()].count(True) == 1
    for name, region in regions.items():
        assert (region.api, region.database_api) == (f"{gateway}/{name}", f"{gateway}/{name}")
        host, _, port = region.ssh.partition(":")
        assert (bool(host), port.isdecimal()) == (True, True)


@pytest.mark.parametrize("token", OTHERS.values(), ids=OTHERS)
async def test_other_tokens_are_refused_everywhere(session: Session, source: Api, token: str) -> None:
    async def wrong() -> str:
        return token

    for base, path in (
        (f"{session.auth_url}/v1", "/users/self"),
        (f"{session.auth_url}/v1", "/regions"),
        (f"{session.auth_url}/v1", "/scm_integrations"),
        (source.base, "/apps"),
        (source.base, "/apps/contract-shop/region_migrations"),
        (source.base.removesuffix("/v1") + "/api", "/databases/ad-1"),
    ):
        with pytest.raises(RefusedError) as refused:
            await Api(session.http, base, wrong).send("GET", path)
        assert refused.value.status == 401, path


async def test_a_request_without_any_token_is_refused(session: Session, source: Api) -> None:
    for method, path in (("GET", "/apps"), ("POST", "/sources"), ("GET", "/features/stacks")):
        with pytest.raises(RefusedError) as refused:
            await source.send(method, path, anonymous=True)
        assert refused.value.status == 401, path


async def test_an_auditor_looks_and_changes_nothing(world: World, source: Api) -> None:
    endpoints = world.system.endpoints
    async with signed_in(endpoints.auth, endpoints.tokens["auditor"]) as auditor:
        api = (await auditor.region(SOURCE)).api
        await apps.apps(api)
        with pytest.raises(RefusedError) as refused:
            await apps.create(api, "contract-auditor")
    assert (refused.value.status, bool(refused.value.code)) == (403, True)


async def test_what_is_at_no_path_is_a_404_in_the_contract_s_words(session: Session, source: Api) -> None:
    for base in (f"{session.auth_url}/v1", source.base, source.base.removesuffix("/v1") + "/api"):
        for path in ("/nothing", "/", "//", "/%2e%2e/apps"):
            answer: httpx.Response = await session.http.get(f"{base}{path}?")
            assert answer.status_code in (401, 404), (base, path, answer.text)
            assert answer.headers["Content-Type"] == "application/json"
