"""A region that is killed loses nothing: what it had begun, it ends."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import asyncpg
import pytest
from redis.asyncio import Redis

from tests.region.conftest import FAST
from tests.region.harness import Place, archive, begin_deployment, deploy, ended, new_app, running, site
from tests.region.test_addons import POSTGRESQL, REDIS, added

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> AsyncIterator[Place]:
    """A region of its own, to be killed."""
    directory = tmp_path_factory.mktemp("killed")
    async with running(directory, postgres_url, ["osc-fr1"], **{**FAST, "HEALTH_SECONDS": "20"}) as places:
        yield places["osc-fr1"]


async def test_everything_is_as_before_after_a_kill(place: Place, tmp_path: Path) -> None:
    ready = tmp_path / "ready-to-answer"
    waiting = f"while [ ! -e {ready} ]; do sleep 0.05; done; exec python -m http.server $PORT"
    async with place.user() as ada, place.storky().http as service:
        running_app, starting_app = await new_app(ada, "running-app"), await new_app(ada, "starting-app")
        await deploy(ada, running_app, site("still here"))
        addons = [await added(ada, f"/v1/apps/{running_app}", order) for order in (POSTGRESQL, REDIS)]
        variables = (await ada.get(f"/v1/apps/{running_app}/variables?aliases=true")).json()["variables"]
        urls = {variable["name"]: variable["value"] for variable in variables}
        async with Redis.from_url(urls["REDIS_URL"]) as redis:
            await redis.set("kept", "still here")
        deployment = await begin_deployment(ada, starting_app, archive(site("late", web=waiting)))
        with anyio.fail_after(30):
            while (await ada.get(deployment)).json()["deployment"]["status"] != "starting":
                await anyio.sleep(0.02)
        before, timeline = (await ada.get("/v1/apps")).json(), (await ada.get("/v1/events")).json()

        await place.kill()
        await place.process.start()

        assert (await ada.get("/v1/apps")).json() == before
        assert (await ada.get("/v1/events")).json() == timeline
        assert (await place.visit(f"{running_app}.osc-fr1.localhost")).text == "still here\n"
        shown = (await ada.get(f"/v1/apps/{running_app}/addons")).json()["addons"]
        assert [each["id"] for each in shown] == [each["id"] for each in addons]
        async with Redis.from_url(urls["REDIS_URL"]) as redis:
            assert await redis.get("kept") == b"still here"
        assert (await ada.get(deployment)).json()["deployment"]["status"] in ("building", "starting")
        ready.touch()
        with anyio.fail_after(30):
            while (await ada.get(deployment)).json()["deployment"]["status"] != "success":
                await anyio.sleep(0.05)
        assert (await place.visit(f"{starting_app}.osc-fr1.localhost")).text == "late\n"
        assert (await service.get(f"/v1/apps/{starting_app}/build")).status_code == 200


async def test_an_operation_of_a_migration_ends_after_a_kill(place: Place) -> None:
    slow = site(web="sleep 1; exec python -m http.server --bind 127.0.0.1 $PORT")
    storky = place.storky()
    async with place.user() as ada, storky.http:
        name = await new_app(ada)
        await deploy(ada, name, slow)
        await storky.freeze(name)
        await storky.done("POST", f"/v1/apps/{name}/stop", {})
        started = await storky.call("POST", f"/v1/apps/{name}/start", {}, key="task/start/x")

        await place.kill()
        await place.process.start()

        again = await storky.call("POST", f"/v1/apps/{name}/start", {}, key="task/start/x")
        assert again.json()["operation"]["id"] == started.json()["operation"]["id"]
        assert (await ended(storky.http, started))["status"] == "done"
        assert (await place.visit(f"{name}.osc-fr1.localhost")).text == "hello\n"


async def test_a_fence_outlives_the_process_and_the_app(place: Place) -> None:
    storky = place.storky()
    async with storky.http:
        await storky.create("some-app")
        fence = f"/v1/migrations/{storky.migration}/fence"
        assert (await storky.call("POST", fence, {"epoch": 2}, epoch=2)).status_code == 200
        path = "/v1/apps/some-app?current_name=some-app"
        assert (await storky.call("DELETE", path, epoch=2)).status_code == 204

        await place.kill()
        await place.process.start()

        assert (await storky.create("some-app")).json()["code"] == "fenced"


async def test_a_database_that_drops_its_connections_is_waited_for(place: Place) -> None:
    slow = site(web="sleep 1; exec python -m http.server --bind 127.0.0.1 $PORT")
    storky = place.storky()
    async with place.user() as ada, storky.http:
        name = await new_app(ada)
        await deploy(ada, name, slow)
        await storky.freeze(name)
        await storky.done("POST", f"/v1/apps/{name}/stop", {})
        started = await storky.call("POST", f"/v1/apps/{name}/start", {})

        connection = await asyncpg.connect(place.database_url)
        await connection.execute(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()
            """
        )
        await connection.close()

        assert (await ended(storky.http, started))["status"] == "done"
        assert (await ada.get(f"/v1/apps/{name}/containers")).status_code == 200


async def test_containers_of_an_app_whose_deletion_was_cut_off_are_stopped(
    place: Place, tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    async with place.user() as ada:
        name = await new_app(ada)
        web = f"echo $$ > {pid}; exec python -m http.server --bind 127.0.0.1 $PORT"
        await deploy(ada, name, site(web=web))
    connection = await asyncpg.connect(place.database_url)
    await connection.execute("delete from apps where name = $1", name)  # committed, and no further
    await connection.close()
    with anyio.fail_after(30):
        while Path(f"/proc/{pid.read_text().strip()}").exists():
            await anyio.sleep(0.05)
