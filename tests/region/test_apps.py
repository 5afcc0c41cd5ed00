"""Apps, their configuration and who sees them, by the public API."""

from datetime import datetime

import pytest

from tests.region.harness import Client, Place, new_app, token

pytestmark = pytest.mark.anyio

APP_FIELDS = {
    *("id", "name", "region", "owner", "git_url", "url", "base_url", "status", "last_deployed_at"),
    *("last_deployed_by", "created_at", "updated_at", "links", "stack_id", "sticky_session", "force_https"),
    *("router_logs", "flags", "limits", "hds_resource", "private_networks_ids"),
    *("migration_id", "frozen", "desired"),
}


async def test_a_new_app(place: Place, ada: Client) -> None:
    name = await new_app(ada)

    app = (await ada.get(f"/v1/apps/{name}?")).json()["app"]

    assert set(app) == APP_FIELDS
    assert app["owner"] == {"id": "us-ada", "username": "ada", "email": "ada@example.com"}
    assert app["base_url"] == place.front.front_url.replace("127.0.0.1", f"{name}.osc-fr1.localhost")
    assert (app["status"], app["last_deployed_at"], app["migration_id"]) == ("new", None, None)
    assert datetime.fromisoformat(app["created_at"]).tzinfo
    assert (await ada.get(f"/v1/apps/{app['id']}")).json()["app"] == app


async def test_the_status_and_the_body_of_each_call(ada: Client) -> None:
    name = await new_app(ada)

    assert name in [app["name"] for app in (await ada.get("/v1/apps?")).json()["apps"]]
    settings = await ada.put(f"/v1/apps/{name}", json={"force_https": True})
    assert (settings.status_code, settings.json()["app"]["force_https"]) == (200, True)
    stack = (await ada.get("/v1/features/stacks")).json()["stacks"][-1]
    changed = await ada.patch(f"/v1/apps/{name}", json={"app": {"stack_id": stack["id"]}})
    assert (changed.status_code, changed.json()["app"]["stack_id"]) == (200, stack["id"])
    gone = await ada.delete(f"/v1/apps/{name}?current_name={name}")
    assert (gone.status_code, gone.content) == (204, b"")
    again = await ada.delete(f"/v1/apps/{name}?current_name={name}")
    assert (again.status_code, again.json()) == (404, {"resource": "app", "error": "no such app"})


async def test_who_sees_and_who_changes(place: Place, ada: Client) -> None:
    name = await new_app(ada)

    async with place.user("eve") as eve, place.user("op", "operator") as operator:
        assert (await eve.get(f"/v1/apps/{name}")).status_code == 404
        assert (await eve.put(f"/v1/apps/{name}", json={})).status_code == 404
        assert (await eve.get("/v1/apps")).json() == {"apps": []}
        assert (await operator.put(f"/v1/apps/{name}", json={"router_logs": True})).status_code == 200
    async with place.user("al", "auditor") as auditor:
        assert (await auditor.get(f"/v1/apps/{name}")).status_code == 200
        refused = await auditor.put(f"/v1/apps/{name}", json={})
        assert (refused.status_code, refused.json()["code"]) == (403, "read_only")


async def test_a_bad_token_is_refused(place: Place) -> None:
    for bad in ("", "x", token("ada", "root"), token("ada", exp=1), token("ada")[:-4] + "AAAA"):
        async with place.client(bad) as client:
            answer = await client.get("/v1/apps")
            assert (answer.status_code, set(answer.json())) == (401, {"error", "code"})
            assert (await client.post("/v1/apps", json={"app": {"name": "some-app"}})).status_code == 401


async def test_variables_with_aliases(ada: Client) -> None:
    app = f"/v1/apps/{await new_app(ada)}"
    wanted = [{"name": "ONE", "value": "1"}, {"name": "TWO", "value": "$ONE"}, {"name": "WHO", "value": "$X"}]

    put = await ada.put(f"{app}/variables", json={"variables": wanted})

    assert put.status_code == 200
    assert await values(ada, app, aliases="false") == {"ONE": "1", "TWO": "$ONE", "WHO": "$X"}
    assert await values(ada, app, aliases="true") == {"ONE": "1", "TWO": "1", "WHO": "$X"}
    added = await ada.post(f"{app}/variables", json={"variable": {"name": "ONE", "value": "2"}})
    assert (added.status_code, added.json()["variable"]["value"]) == (201, "2")
    removed = await ada.delete(f"{app}/variables/{added.json()['variable']['id']}?")
    assert removed.status_code == 204
    assert await values(ada, app, aliases="true") == {"TWO": "$ONE", "WHO": "$X"}


async def values(http: Client, app: str, aliases: str) -> dict[str, str]:
    found = (await http.get(f"{app}/variables?aliases={aliases}")).json()["variables"]
    return {variable["name"]: variable["value"] for variable in found}


async def test_domains_belong_to_one_app(ada: Client) -> None:
    app, other = f"/v1/apps/{await new_app(ada)}", f"/v1/apps/{await new_app(ada)}"
    domain = f"{app[-8:]}.example.com"

    added = await ada.post(f"{app}/domains", json={"domain": {"name": domain.upper(), "canonical": True}})

    assert added.status_code == 201
    assert added.json()["domain"]["name"] == domain
    taken = await ada.post(f"{other}/domains", json={"domain": {"name": domain}})
    assert (taken.status_code, list(taken.json()["errors"])) == (422, ["name"])
    path = f"{app}/domains/{added.json()['domain']['id']}"
    changed = await ada.patch(path, json={"domain": {"canonical": False}})
    assert (changed.status_code, changed.json()["domain"]["canonical"]) == (200, False)
    assert (await ada.delete(path)).status_code == 204
    assert (await ada.get(f"{app}/domains")).json() == {"domains": []}


async def test_a_host_of_another_app_cannot_be_taken_as_a_domain(ada: Client) -> None:
    app = f"/v1/apps/{await new_app(ada)}"
    for name in ("victim.osc-fr1.localhost", "osc-fr1.localhost", "no host", "a" * 300 + ".com", "com"):
        answer = await ada.post(f"{app}/domains", json={"domain": {"name": name}})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["name"])


async def test_the_catalogue_is_open_to_everybody(place: Place) -> None:
    async with place.client("") as anybody:
        providers = (await anybody.get("/v1/addon_providers")).json()["addon_providers"]
        by_id = {provider["id"]: provider for provider in providers}
        assert by_id["postgresql"]["has_data"]
        assert by_id["postgresql"]["versions"] == ["18"]
        assert not by_id["logbook"]["has_data"]
        plans = (await anybody.get("/v1/addon_providers/postgresql/plans")).json()["plans"]
        assert plans[0].keys() >= {"id", "name", "display_name", "position", "sku", "on_demand"}
        unknown = await anybody.get("/v1/addon_providers/mysql/plans")
        assert (unknown.status_code, unknown.json()["resource"]) == (404, "addon_provider")
