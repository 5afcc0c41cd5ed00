"""After a fence has answered, nothing of an older epoch happens any more."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import anyio
import asyncpg
import pytest

from tests.region.harness import Client, Place, Storky, deploy, ended, new_app, site

pytestmark = pytest.mark.anyio


async def fence(storky: Storky, epoch: int) -> None:
    path = f"/v1/migrations/{storky.migration}/fence"
    answer = await storky.call("POST", path, {"epoch": epoch}, epoch=epoch)
    assert (answer.status_code, answer.json()) == (
        200,
        {"fence": {"migration_id": str(storky.migration), "epoch": epoch}},
    )


@pytest.fixture
async def database(place: Place) -> AsyncIterator[asyncpg.Connection]:
    """The region's own state, with which a test slows the region down."""
    connection = await asyncpg.connect(place.database_url)
    yield connection
    await connection.close()


async def test_an_older_epoch_is_refused(place: Place, storky: Storky) -> None:
    await storky.create("fenced-app")
    await fence(storky, 2)

    for method, path, body in [
        ("POST", "/v1/apps", {"app": {"name": "another-app"}}),
        ("PUT", "/v1/apps/fenced-app", {}),
        ("POST", f"/v1/migrations/{storky.migration}/fence", {"epoch": 1}),
        ("DELETE", "/v1/apps/fenced-app?current_name=fenced-app", None),
    ]:
        answer = await storky.call(method, path, body, epoch=1)
        assert (answer.status_code, answer.json()["code"]) == (403, "fenced")
    assert (await storky.http.get("/v1/apps/another-app")).status_code == 404
    await fence(storky, 2)
    await fence(storky, 3)
    gone = await storky.call("DELETE", "/v1/apps/fenced-app?current_name=fenced-app", epoch=3)
    assert gone.status_code == 204
    assert (await storky.create("fenced-app")).json()["code"] == "fenced"


async def test_a_remembered_success_of_an_older_epoch_is_not_repeated(storky: Storky) -> None:
    body = {"app": {"name": "remembered-app"}}
    assert (await storky.call("POST", "/v1/apps", body, key="a/b/c")).status_code == 201
    await fence(storky, 2)
    assert (await storky.call("POST", "/v1/apps", body, key="a/b/c")).json()["code"] == "fenced"


async def test_the_path_the_headers_and_the_body_name_the_same_fence(storky: Storky) -> None:
    path = f"/v1/migrations/{storky.migration}/fence"
    assert (await storky.call("POST", path, {"epoch": 3}, epoch=2)).status_code == 422
    other = path.replace(str(storky.migration)[:4], "0000")
    assert (await storky.call("POST", other, {"epoch": 2}, epoch=2)).status_code == 422
    for bad in (0, -1, 2**40, "x", None):
        assert (await storky.call("POST", path, {"epoch": bad}, epoch=2)).status_code == 422
    assert (await storky.call("POST", path, {"epoch": 2}, epoch=2, key="f")).status_code == 200
    assert (await storky.call("POST", path, {"epoch": 3}, epoch=3, key="f")).status_code == 422


async def test_a_slow_call_that_was_admitted_before_leaves_nothing(
    ada: Client, storky: Storky, database: asyncpg.Connection
) -> None:
    name = await new_app(ada)
    await storky.freeze(name)
    order: list[str] = []

    async def slow() -> None:
        body = {"variables": [{"name": "LATE", "value": "1"}]}
        answer = await storky.call("PUT", f"/v1/apps/{name}/variables", body)
        order.append("call")
        assert (answer.status_code, answer.json()["code"]) == (403, "fenced")

    async def raise_epoch() -> None:
        await fence(storky, 2)
        order.append("fence")

    async with anyio.create_task_group() as group, database.transaction():
        await database.execute("select id from apps where name = $1 for update", name)
        group.start_soon(slow)
        await waiting_for_a_lock(database)
        group.start_soon(raise_epoch)
        with anyio.fail_after(30):
            while not await recorded(storky, database):
                await anyio.sleep(0.02)
        assert order == []

    assert order[-1] == "fence"
    assert (await ada.get(f"/v1/apps/{name}/variables")).json() == {"variables": []}


async def waiting_for_a_lock(database: asyncpg.Connection) -> None:
    statement = """
        select count(*) from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database()
    """
    with anyio.fail_after(30):
        while not await database.fetchval(statement):
            await database.execute("select pg_stat_clear_snapshot()")
            await anyio.sleep(0.02)


async def recorded(storky: Storky, database: asyncpg.Connection) -> bool:
    statement = "select true from fences where migration_id = $1 and epoch = 2"
    return bool(await database.fetchval(statement, storky.migration))


async def test_an_operation_under_way_is_cancelled(place: Place, ada: Client, storky: Storky) -> None:
    name = await new_app(ada)
    app = f"/v1/apps/{name}"
    await deploy(ada, name, site())
    await storky.freeze(name)
    await storky.done("POST", f"{app}/stop", {})
    hanging = {"containers": [{"name": "web", "amount": 1, "size": "M", "command": "sleep 1000"}]}
    await storky.call("PUT", f"{app}/formation", hanging)
    started = await storky.call("POST", f"{app}/start", {})
    queued = await storky.call("POST", f"{app}/start", {})
    with anyio.fail_after(30):
        while not (await ada.get(f"{app}/ps")).json()["containers"]:
            await anyio.sleep(0.02)

    await fence(storky, 2)

    assert (await ada.get(f"{app}/ps")).json() == {"containers": []}
    for answer in (started, queued):
        operation = await ended(storky.http, answer)
        assert (operation["status"], operation["code"]) == ("error", "fenced")
    storky.epoch = 2
    await storky.done("POST", f"{app}/stop", {})


async def test_a_stop_that_is_cancelled_leaves_the_app_running(
    ada: Client, storky: Storky, database: asyncpg.Connection, tmp_path: Path
) -> None:
    name = await new_app(ada)
    app = f"/v1/apps/{name}"
    deaf, may_end = tmp_path / "deaf", tmp_path / "may-end"
    stubborn = f"trap '' TERM; touch {deaf}; until rm {may_end} 2>&-; do sleep 0.05; done"
    await deploy(ada, name, site(clock=stubborn))
    await ended(ada, await ada.post(f"{app}/scale", json={"containers": [{"name": "clock", "amount": 1}]}))
    await storky.freeze(name)
    with anyio.fail_after(30):
        while not deaf.exists():
            await anyio.sleep(0.02)
        await storky.call("POST", f"{app}/stop", {})
        while "web-1" in await labels(ada, app):
            await anyio.sleep(0.02)

        async with anyio.create_task_group() as group:
            group.start_soon(fence, storky, 2)
            while not await recorded(storky, database):
                await anyio.sleep(0.02)
            may_end.touch()

    assert (await ada.get(app)).json()["app"]["desired"] == "started"
    assert await labels(ada, app) == ["clock-1", "web-1"]
    may_end.touch()
    storky.epoch = 2
    await storky.done("POST", f"{app}/stop", {})


async def labels(ada: Client, app: str) -> list[str]:
    return sorted(each["label"] for each in (await ada.get(f"{app}/ps")).json()["containers"])


async def test_fences_of_other_migrations_change_nothing(place: Place, storky: Storky) -> None:
    other = place.storky()
    async with other.http:
        await fence(other, 7)
    assert (await storky.create("unfenced-app")).status_code == 201


async def test_no_value_outlives_the_app_that_a_migration_made(
    storky: Storky, database: asyncpg.Connection
) -> None:
    name = f"app-{uuid4().hex[:8]}"
    await storky.create(name)
    body = {"variables": [{"name": "SECRET", "value": "hunter2"}]}
    assert (await storky.call("PUT", f"/v1/apps/{name}/variables", body)).status_code == 200

    assert (await storky.call("DELETE", f"/v1/apps/{name}?current_name={name}")).status_code == 204

    statement = "select convert_from(body, 'UTF8') from remembered where migration_id = $1"
    answers = [row[0] for row in await database.fetch(statement, storky.migration)]
    assert answers == ["", "", ""]
