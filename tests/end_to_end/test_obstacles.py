"""What stands in the way of a migration: found before anything is changed, or cured, or undone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from tests.certificates import certificate
from tests.end_to_end import echo
from tests.end_to_end.world import DESTINATION, SOURCE, World
from tests.region.harness import deploy, ended
from tests.workers.owner import Owner

pytestmark = pytest.mark.anyio

BRIEFLY = timedelta(seconds=12)
TWENTY_FIVE_MEGABYTES = (
    "CREATE TABLE large AS SELECT repeat(md5(n::text), 30) FROM generate_series(1, 25000) n"
)


@pytest.fixture
async def here(world: World) -> AsyncIterator[Owner]:
    async with world.working(SOURCE) as user:
        yield user


async def test_all_that_the_destination_lacks_is_told_at_once_and_there_is_nothing_to_abort(
    world: World, here: Owner
) -> None:
    app = "obstacles"
    expired = await make_unmovable(here, app)
    async with world.working(DESTINATION) as there:
        await there.create(app)
    await anyio.sleep((expired - datetime.now(UTC)).total_seconds())
    before = await world.snapshot(SOURCE, app)

    refused = await world.command(app, "migration-create", "--to", DESTINATION, code=1)

    assert refused.field("Status") == "preflight-error"
    told = refused.stdout
    for check, reason in {
        "Check addon versions": "osc-fr1 does not offer Logbook 0",
        "Check certificate validity": f"{app}.example.com expired",
        "Check addons compatibility": "osc-fr1 does not offer Agora Scheduler",
        "Check the destination": f"The name {app} is taken in osc-fr1.",
        "Preflight checks": "Checks that failed: Check addon versions, Check certificate validity, "
        "Check addons compatibility, Check the destination.",
    }.items():
        assert f"✘ {check} " in told
        assert reason in told
    for reason in (
        "the plan postgresql-sandbox of PostgreSQL takes",
        "osc-fr1 does not offer the plan redis-business-1024 of Redis",
        "storky-20",
        "2XL",
    ):
        assert reason in told
    assert "✔ Check the app's state Done!" in refused.lines
    assert "migration-abort" not in told
    assert "nothing was changed" in told
    assert await world.snapshot(SOURCE, app) == before
    await here.set(app, STILL="mine")


async def make_unmovable(here: Owner, app: str) -> datetime:
    """Make an app that the destination has many reasons to refuse; returns when its certificate expires."""
    await here.call("POST", "/apps", {"app": {"name": app, "stack_id": "storky-20"}})
    expires = await secure_briefly(here, app)
    await here.add("postgresql", "postgresql-sandbox", app)
    await here.query(app, TWENTY_FIVE_MEGABYTES)
    await here.add("redis", "redis-business-1024", app)
    await here.add("agora-scheduler", "agora-scheduler-free", app)
    old = {"addon_provider_id": "logbook", "plan_id": "logbook-free", "options": {"version": "0"}}
    await here.call("POST", f"/apps/{app}/addons", {"addon": old})
    assert (await deploy(here.http, app, echo.files()))["status"] == "success"
    await here.call("PATCH", f"/apps/{app}", {"app": {"stack_id": "storky-24"}})  # at its next deployment
    containers = {"containers": [{"name": "web", "amount": 1, "size": "2XL"}]}
    scaled = await here.http.post(f"/v1/apps/{app}/scale", json=containers)
    assert (await ended(here.http, scaled))["status"] == "done"
    return expires


async def secure_briefly(here: Owner, app: str) -> datetime:
    """Upload a certificate that expires soon; with another one's key, the region refuses it."""
    name, expires = f"{app}.example.com", datetime.now(UTC).replace(microsecond=0) + BRIEFLY
    for number, status in ((2, httpx.codes.UNPROCESSABLE_ENTITY), (1, httpx.codes.CREATED)):
        pair = certificate([name], expires, with_key=number)
        domain = {"name": name, "tlscert": pair.tlscert, "tlskey": pair.tlskey}
        answer = await here.http.post(f"/v1/apps/{app}/domains", json={"domain": domain})
        assert answer.status_code == status, answer.text
        assert list(answer.json().get("errors", ())) == (["tlskey"] if number == 2 else [])
    return expires


async def test_what_is_damaged_on_the_way_is_noticed_and_the_step_goes_on_from_there(
    world: World, here: Owner
) -> None:
    app = "damaged"
    await here.create(app)
    await here.add_database(app)
    assert (await deploy(here.http, app, echo.files()))["status"] == "success"
    migration = await world.created(app)
    await world.through(app, migration, ["preflight"])

    build = await build_of(world, app)
    whole = build.read_bytes()
    build.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert await world.through(app, migration, ["prepare"]) == "error"
    assert "is not the one that was made at the source" in await failure(
        world, app, migration, "Import the running build"
    )
    build.write_bytes(whole)
    again = await started_by(world, app, migration, "prepare", leads_to="prepared")
    assert "Import the running build" in again
    assert not again & {"Freeze the source app", "Create the new app"}

    await truncate_backup(world, app, migration)
    assert "is not the one that was made at the source" in await failure(world, app, migration, "Restore ")
    again = await started_by(world, app, migration, "data", leads_to="data-migrated")
    assert {label.partition(" ad-")[0] for label in again} == {
        "Back up postgresql",
        "Restore postgresql",
        "Verify postgresql",
    }
    assert await world.through(app, migration, ["finalize"]) == "done"
    assert await says_where(world, f"{app}.{SOURCE}.localhost") == DESTINATION
    async with world.working(DESTINATION) as there:
        assert await there.query(app, "SELECT sum(n) FROM items") == sum(range(1001))


async def build_of(world: World, app: str) -> Path:
    """Return the archive of the app's only build, in the folder of its region."""
    (deployment,) = (await world.snapshot(SOURCE, app))["deployments"]["deployments"]
    builds = world.directory / SOURCE / "region" / "builds"
    return builds / str(deployment["id"]) / "archive.tar.gz"


async def truncate_backup(world: World, app: str, migration: str) -> None:
    """Run the data step; while the destination stands still, cut off the end of the backup."""
    folder = world.directory / SOURCE / "region" / "backups"
    known, still = set(folder.iterdir()), world.system.process(DESTINATION)
    still.stop()
    try:
        await world.start(app, migration, "data")
        await world.finished(app, migration, "Back up ")
        (backup,) = set(folder.iterdir()) - known
        backup.write_bytes(backup.read_bytes()[:-100])
    finally:
        still.cont()
    assert await world.rest(app, migration) == "error"


async def failure(world: World, app: str, migration: str, label: str) -> str:
    """Return why a task has failed."""
    steps = (await world.migration(app, migration))["steps"]
    (told,) = [each["logs"] for each in steps if each["name"].startswith(label) and each["status"] == "error"]
    return str(told)


async def started_by(world: World, app: str, migration: str, step: str, leads_to: str) -> set[str]:
    """Run a step once more; returns the labels of the tasks that were started by that."""
    before = {each["id"] for each in (await world.migration(app, migration))["steps"]}
    assert await world.through(app, migration, [step]) == leads_to
    steps = (await world.migration(app, migration))["steps"]
    return {each["name"] for each in steps if each["id"] not in before}


async def test_an_app_that_crashes_in_the_destination_keeps_its_visitors_at_the_source(
    world: World, here: Owner
) -> None:
    app = "crashing"
    own_host = f"{app}.{SOURCE}.localhost"
    await here.create(app)
    web = f"web: test $REGION_NAME = {SOURCE} && exec python -I server.py\n"
    made = await deploy(here.http, app, echo.files(Procfile=web))
    assert made["status"] == "success"
    before = await world.snapshot(SOURCE, app)
    migration = await world.created(app)
    assert await world.through(app, migration, ("preflight", "prepare", "finalize")) == "error"

    assert "did not become healthy in osc-fr1" in await failure(world, app, migration, "Start the new app")
    assert "Redirect the traffic" not in await world.tasks(app, migration)
    assert (await world.visit(SOURCE, own_host)).status_code == httpx.codes.SERVICE_UNAVAILABLE
    aborted = await world.command(app, "migration-abort", migration)
    assert "✔ Abort: Start the old app Done!" in aborted.lines
    assert "✔ Abort: Delete new app Done!" in aborted.lines
    assert "Abort: Take back the traffic" not in aborted.stdout
    assert await says_where(world, own_host) == SOURCE
    assert await world.snapshot(SOURCE, app) == before
    assert not await world.exists(DESTINATION, app)


async def says_where(world: World, host: str) -> Any:
    return (await world.visit(SOURCE, host)).json()["region"]
