"""What is asked for wrongly is refused in the words of the contract, whatever the row."""

import json

import pytest

from tests.contract.client import apps
from tests.contract.client.refusals import RefusedError, refused
from tests.contract.client.session import Region
from tests.contract.client.wire import Api
from tests.end_to_end.contract.conftest import Shop

pytestmark = pytest.mark.anyio

MISSING = {
    ("GET", "/apps/{id}"): "app",
    ("DELETE", "/apps/{id}"): "app",
    ("GET", "/apps/{id}/variables"): "app",
    ("POST", "/apps/{id}/restart"): "app",
    ("GET", "/apps/{id}/region_migrations"): "app",
    ("GET", "/apps/{app}/operations/{id}"): "operation",
    ("DELETE", "/apps/{app}/variables/{id}"): "variable",
    ("DELETE", "/apps/{app}/domains/{id}"): "domain",
    ("GET", "/apps/{app}/addons/{id}"): "addon",
    ("DELETE", "/apps/{app}/addons/{id}"): "addon",
    ("POST", "/apps/{app}/addons/{id}/token"): "addon",
    ("DELETE", "/apps/{app}/collaborators/{id}"): "collaborator",
    ("DELETE", "/apps/{app}/notifiers/{id}"): "notifier",
    ("DELETE", "/apps/{app}/alerts/{id}"): "alert",
    ("DELETE", "/apps/{app}/autoscalers/{id}"): "autoscaler",
    ("GET", "/apps/{app}/deployments/{id}"): "deployment",
    ("GET", "/apps/{app}/scm_repo_link"): "scm_repo_link",
    ("GET", "/apps/{app}/region_migrations/{id}"): "migration",
}
IDS = ("nothing", "000000000000000000000000", "%C3%A9%F0%9F%9A%9A", "%25", "x" * 2000, "%22%27%3B--")
UNREADABLE_IDS = ("%00", "%ff", "..%2f..%2fapps", "%2e%2e", "%0d%0aX-Injected:%20yes", "a%2fb", "%20")

KEYS = ("app", "migration", "addon", "domain", "variable", "containers", "collaborator", "drain", "notifier")
BODIES = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"1e400",
    b'{"app": "\xff"}',
    b"[" * 20_000,
    json.dumps(dict.fromkeys(KEYS, 1)).encode(),
    json.dumps(dict.fromkeys(KEYS, "text")).encode(),
)
ROWS = (
    ("POST", "/apps"),
    ("PATCH", "/apps/{app}"),
    ("POST", "/apps/{app}/scale"),
    ("PUT", "/apps/{app}/variables"),
    ("POST", "/apps/{app}/variables"),
    ("POST", "/apps/{app}/domains"),
    ("POST", "/apps/{app}/addons"),
    ("POST", "/apps/{app}/collaborators"),
    ("POST", "/apps/{app}/log_drains"),
    ("POST", "/apps/{app}/notifiers"),
    ("POST", "/apps/{app}/alerts"),
    ("POST", "/apps/{app}/autoscalers"),
    ("POST", "/apps/{app}/deployments"),
    ("POST", "/apps/{app}/scm_repo_link"),
    ("POST", "/apps/{app}/region_migrations"),
)
PAGES = ("page=0", "page=-1", "page=x", "per_page=0", "per_page=x", "page=99999999999999999999", "page=1.5")


@pytest.mark.parametrize(("method", "path"), MISSING, ids=lambda value: value)
async def test_404_names_what_there_is_not(source: Api, shop: Shop, method: str, path: str) -> None:
    for unknown in IDS if "{id}" in path else ("",):
        with pytest.raises(RefusedError) as missing:
            await source.send(method, path.format(app=shop.name, id=unknown))
        assert (missing.value.status, missing.value.resource) == (404, MISSING[method, path]), unknown


async def test_paths_that_play_tricks_lead_nowhere(source: Api, region: Region, shop: Shop) -> None:
    database = region.databases(shop.name, shop.addon)
    for trick in UNREADABLE_IDS:
        for api, path in (
            (source, f"/apps/{trick}"),
            (source, f"/apps/{trick}/region_migrations"),
            (source, f"/apps/{shop.name}/region_migrations/{trick}"),
            (source, f"/apps/{shop.name}/domains/{trick}"),
            (source, f"/apps/{shop.name}/deployments/{trick}/output"),
            (database, f"/databases/{trick}"),
            (database, f"/databases/{shop.addon}/backups/{trick}"),
        ):
            with pytest.raises(RefusedError) as lost:
                await api.send("GET", path)
            assert lost.value.status in (400, 404), (trick, path)


async def test_an_id_that_is_empty_is_not_the_list(source: Api, shop: Shop) -> None:
    for method, path in (
        ("GET", "/apps/"),
        ("DELETE", "/apps/"),
        ("GET", f"/apps/{shop.name}/addons/"),
        ("DELETE", f"/apps/{shop.name}/domains/"),
        ("GET", f"/apps/{shop.name}/deployments/"),
        ("GET", f"/apps/{shop.name}/region_migrations/"),
        ("POST", f"/apps/{shop.name}/region_migrations//run"),
        ("GET", "/apps//addons"),
    ):
        with pytest.raises(RefusedError) as empty:
            await source.send(method, path)
        assert empty.value.status == 404, (method, path)


@pytest.mark.parametrize(("method", "path"), ROWS, ids=lambda value: value)
async def test_bodies_of_another_shape(source: Api, shop: Shop, method: str, path: str) -> None:
    headers = {"Authorization": f"Bearer {await source.token()}", "Content-Type": "application/json"}
    for body in BODIES:
        url = source.base + path.format(app=shop.name)
        answer = await source.http.request(method, url, content=body, headers=headers)
        error = refused(answer.status_code, answer.headers.get("Content-Type", ""), answer.content)
        assert isinstance(error, RefusedError), body[:80]
        assert error.status in (400, 422), (body[:80], error)


async def test_names_that_an_app_cannot_have(source: Api) -> None:
    for name in (
        "",
        "A",
        "Upper-Case",
        "ünïcode",
        "-dash",
        "dash-",
        "x" * 200,
        "a b",
        "a\nb",
        "a\0b",
        "🚚🚚",
    ):
        with pytest.raises(RefusedError) as wrong:
            await apps.create(source, name)
        assert (wrong.value.status, wrong.value.fields) == (422, {"name"}), name


@pytest.mark.parametrize("what", ["deployments", "events"])
async def test_pages_that_there_cannot_be(source: Api, shop: Shop, what: str) -> None:
    for page in PAGES:
        name, _, value = page.partition("=")
        with pytest.raises(RefusedError) as wrong:
            await source.send("GET", f"/apps/{shop.name}/{what}", {name: value})
        assert (wrong.value.status, wrong.value.fields) == (422, {name}), page


async def test_a_page_beyond_the_last_is_empty(source: Api, shop: Shop) -> None:
    beyond = await apps.deployments(source, shop.name, page=1000, per_page=10)
    assert beyond.deployments == []
    assert (beyond.meta.pagination.current_page, beyond.meta.pagination.next_page) == (1000, None)
