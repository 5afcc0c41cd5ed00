"""Addons and the database API, by the public API."""

from typing import Any

import anyio
import asyncpg
import pytest

from tests.region.harness import ELSEWHERE, Client, Place, Storky, new_app

pytestmark = pytest.mark.anyio

POSTGRESQL = {"addon_provider_id": "postgresql", "plan_id": "postgresql-starter-512", "options": None}

REDIS = {"addon_provider_id": "redis", "plan_id": "redis-starter-256", "options": None}


async def added(http: Client, app: str, order: dict[str, Any]) -> dict[str, Any]:
    """Add an addon; returns it once it runs."""
    answer = await http.post(f"{app}/addons", json={"addon": order})
    assert answer.status_code == 201, answer.text
    path = f"{app}/addons/{answer.json()['addon']['id']}"
    with anyio.fail_after(30):
        while (addon := (await http.get(path)).json()["addon"])["status"] != "running":
            await anyio.sleep(0.05)
    return dict(addon)


async def test_a_database_and_its_variables(ada: Client) -> None:
    app = f"/v1/apps/{await new_app(ada)}"

    addon = await added(ada, app, POSTGRESQL)

    assert addon["id"].startswith("ad-")
    assert (addon["version"], addon["has_data"]) == ("18", True)
    assert addon["plan"]["name"] == "postgresql-starter-512"
    assert addon["variables"] == ["DATABASE_URL", "SCALINGO_POSTGRESQL_URL"]
    raw = (await ada.get(f"{app}/variables?aliases=false")).json()["variables"]
    assert (raw[0]["value"], raw[0]["addon_id"]) == ("$SCALINGO_POSTGRESQL_URL", addon["id"])
    resolved = (await ada.get(f"{app}/variables?aliases=true")).json()["variables"]
    connection = await asyncpg.connect(resolved[0]["value"])
    assert await connection.fetchval("select 1") == 1
    await connection.close()
    await provided_variables_cannot_be_changed(ada, app, raw[0]["id"])
    assert (await ada.delete(f"{app}/addons/{addon['id']}")).status_code == 204
    assert (await ada.get(f"{app}/variables")).json() == {"variables": []}
    with pytest.raises(asyncpg.PostgresError):
        await asyncpg.connect(resolved[0]["value"])


async def provided_variables_cannot_be_changed(ada: Client, app: str, variable_id: str) -> None:
    mine = {"name": "DATABASE_URL", "value": "mine"}
    assert (await ada.post(f"{app}/variables", json={"variable": mine})).status_code == 422
    assert (await ada.put(f"{app}/variables", json={"variables": [mine]})).status_code == 422
    assert (await ada.delete(f"{app}/variables/{variable_id}")).status_code == 422


async def test_an_addon_without_data(ada: Client) -> None:
    app = f"/v1/apps/{await new_app(ada)}"

    addon = await added(ada, app, {"addon_provider_id": "logbook", "plan_id": "logbook-free", "options": {}})

    assert (addon["has_data"], addon["variables"]) == (False, ["LOGBOOK_TOKEN", "LOGBOOK_URL"])
    token = (await ada.post(f"{app}/addons/{addon['id']}/token", json={})).json()["addon"]["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await ada.get(f"/api/databases/{addon['id']}", headers=headers)).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"addon_provider_id": "mysql"}, "addon_provider_id"),
        ({"plan_id": "huge"}, "plan_id"),
        ({"options": {"version": "9.6"}}, "version"),
        ({"options": {"version": 9}}, "version"),
    ],
)
async def test_what_is_not_offered_is_refused(ada: Client, change: dict[str, Any], field: str) -> None:
    app = f"/v1/apps/{await new_app(ada)}"
    answer = await ada.post(f"{app}/addons", json={"addon": {**POSTGRESQL, **change}})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert (await ada.get(f"{app}/addons")).json() == {"addons": []}


async def test_the_users_own_variable_stays_when_an_addon_would_provide_it(ada: Client) -> None:
    app = f"/v1/apps/{await new_app(ada)}"
    mine = {"name": "DATABASE_URL", "value": "mine"}
    await ada.post(f"{app}/variables", json={"variable": mine})

    addon = await added(ada, app, POSTGRESQL)

    assert addon["variables"] == ["SCALINGO_POSTGRESQL_URL"]
    second = await ada.post(f"{app}/addons", json={"addon": POSTGRESQL})
    assert (second.status_code, list(second.json()["errors"])) == (422, ["addon_provider_id"])
    other = {"addon": {"plan_id": "postgresql-starter-1024"}}
    changed = await ada.patch(f"{app}/addons/{addon['id']}", json=other)
    assert (changed.status_code, changed.json()["addon"]["plan"]["id"]) == (200, "postgresql-starter-1024")


async def test_a_backup_by_the_database_api(place: Place, ada: Client) -> None:
    app = f"/v1/apps/{await new_app(ada)}"
    addon = await added(ada, app, POSTGRESQL)
    token = (await ada.post(f"{app}/addons/{addon['id']}/token", json={})).json()["addon"]["token"]
    database = f"/api/databases/{addon['id']}"

    async with place.client(token) as holder:
        assert (await holder.get(database)).json()["database"]["readable_version"] == "18"
        started = await holder.post(f"{database}/backups", json={})
        backup = started.json()["database_backup"]
        assert (started.status_code, backup["status"], backup["method"]) == (201, "scheduled", "manual")
        with anyio.fail_after(30):
            while backup["status"] != "done":
                backup = (await holder.get(f"/api/backups/{backup['id']}?")).json()["database_backup"]
                assert backup["status"] in ("scheduled", "running", "done")
        assert (await holder.get(f"{database}/backups")).json() == {"database_backups": [backup]}
        named = await holder.get(f"{database}/backups/{backup['id']}")
        assert named.json() == {"database_backup": backup}
        archive = await holder.get(f"{database}/backups/{backup['id']}/archive")
    async with place.client("") as anybody:
        content = (await anybody.get(archive.json()["download_url"])).content
    assert (content[:5], len(content)) == (b"PGDMP", backup["size"])


async def test_who_may_use_the_database_api(place: Place, ada: Client) -> None:
    app, other = f"/v1/apps/{await new_app(ada)}", f"/v1/apps/{await new_app(ada)}"
    addon, foreign = await added(ada, app, POSTGRESQL), await added(ada, other, POSTGRESQL)
    database = f"/api/databases/{addon['id']}"
    assert (await ada.get(database)).status_code == 401
    foreign_token = (await ada.post(f"{other}/addons/{foreign['id']}/token", json={})).json()["addon"][
        "token"
    ]
    async with place.client(foreign_token) as holder:
        assert (await holder.get(database)).status_code == 404
        assert (await holder.post(f"{database}/backups", json={})).status_code == 404
        assert (await holder.get("/api/backups/x")).json()["resource"] == "database_backup"
    async with place.user("al", "auditor") as auditor:
        answer = await auditor.post(f"{app}/addons/{addon['id']}/token", json={})
    async with place.client(answer.json()["addon"]["token"]) as reader:
        assert (await reader.get(database)).status_code == 200
        assert (await reader.post(f"{database}/backups", json={})).status_code == 403
    async with place.user("eve") as eve:
        assert (await eve.post(f"{app}/addons/{addon['id']}/token", json={})).status_code == 404


async def test_a_frozen_app_is_backed_up_by_its_migration_alone(
    place: Place, ada: Client, storky: Storky
) -> None:
    app = f"/v1/apps/{await new_app(ada)}"
    addon = await added(ada, app, POSTGRESQL)
    await storky.call("POST", f"{app}/freeze", ELSEWHERE)
    token = (await ada.post(f"{app}/addons/{addon['id']}/token", json={})).json()["addon"]["token"]
    backups = f"/api/databases/{addon['id']}/backups"

    async with place.client(token) as holder:
        assert (await holder.get(backups)).status_code == 200
        assert (await holder.post(backups, json={})).json()["code"] == "app_migrating"
    assert (await storky.call("POST", backups, {})).status_code == 201


async def test_an_addon_that_is_removed_while_it_is_worked_on(ada: Client, storky: Storky) -> None:
    app = f"/v1/apps/{await new_app(ada)}"
    answer = await ada.post(f"{app}/addons", json={"addon": POSTGRESQL})
    assert (await ada.delete(f"{app}/addons/{answer.json()['addon']['id']}")).status_code == 204

    assert (await ada.get(f"{app}/addons")).json() == {"addons": []}
    assert (await storky.call("POST", f"{app}/freeze", ELSEWHERE)).status_code == 200
