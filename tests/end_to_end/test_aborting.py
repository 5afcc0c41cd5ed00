"""An abort, from any state before done, leaves the source as it was and nothing in the destination."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio
import pytest

from tests.end_to_end.world import DESTINATION, SOURCE, World

pytestmark = pytest.mark.anyio

PREPARED = ("preflight", "prepare")


@asynccontextmanager
async def untouched(world: World, app: str) -> AsyncIterator[None]:
    """Compare the source before and after, item by item, and its rows; nothing is in the destination."""
    await world.deploy(app)
    before = await world.snapshot(SOURCE, app)
    rows = await world.rows(SOURCE, app)
    yield
    assert await world.snapshot(SOURCE, app) == before
    assert await world.rows(SOURCE, app) == rows
    assert (await world.visit(SOURCE, f"{app}.example.com")).json()["region"] == SOURCE
    assert not await world.exists(DESTINATION, app)


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("created", ()),
        ("checked", ("preflight",)),
        ("prepared", PREPARED),
        ("data-migrated", (*PREPARED, "data")),
    ],
)
async def test_between_two_steps(world: World, name: str, steps: Sequence[str]) -> None:
    app = f"abort-{name}"
    async with untouched(world, app):
        migration = await world.created(app)
        await world.through(app, migration, steps)
        await world.start(app, migration, "abort")
        assert await world.rest(app, migration) == "aborted"


@pytest.mark.parametrize(
    ("steps", "step", "still", "label"),
    [
        ((), "preflight", "addons", "Check addon versions"),
        (("preflight",), "prepare", "apps", "Freeze the source app"),
        (PREPARED, "data", "addons", "Provision postgresql"),
        (PREPARED, "data", "apps", "Stop the source app"),
        ((*PREPARED, "data"), "finalize", "apps", "Start the new app"),
        ((*PREPARED, "data"), "finalize", f"{SOURCE}-front", "Redirect the traffic"),
    ],
)
async def test_while_a_task_is_running(
    world: World, steps: Sequence[str], step: str, still: str, label: str
) -> None:
    app = f"abort-in-{step}-{still}"
    async with untouched(world, app):
        migration = await world.created(app)
        await world.through(app, migration, steps)
        process = world.system.process(still)
        process.stop()
        try:
            await world.start(app, migration, step)
            await world.started(app, migration, label)
            await world.start(app, migration, "abort")
        finally:
            process.cont()
        assert await world.rest(app, migration) == "aborted"


async def test_while_the_destination_does_not_answer_the_abort_waits_for_it(world: World) -> None:
    app = "abort-unreachable"
    async with untouched(world, app):
        migration = await world.created(app)
        await world.through(app, migration, PREPARED)
        destination = world.system.process(DESTINATION)
        destination.stop()
        try:
            await world.start(app, migration, "abort")
            await world.finished(app, migration, "Abort: Fence the source region")
            await world.started(app, migration, "Abort: Fence the destination region")
            await anyio.sleep(2)
            assert (await world.migration(app, migration))["status"] == "aborting"
        finally:
            destination.cont()
        assert await world.rest(app, migration) == "aborted"


async def test_after_a_step_has_failed(world: World) -> None:
    app = "abort-error"
    async with untouched(world, app):
        migration = await world.created(app)
        await world.through(app, migration, ["preflight"])
        await world.client.post(f"/{DESTINATION}/v1/apps", json={"app": {"name": app}})
        assert await world.through(app, migration, ["prepare"]) == "error"
        await world.start(app, migration, "abort")
        assert await world.rest(app, migration) == "aborted"
        # What somebody else made under that name is theirs, and stays.
        assert await world.exists(DESTINATION, app)
        await world.client.delete(f"/{DESTINATION}/v1/apps/{app}?current_name={app}")


async def test_a_second_abort_changes_nothing_and_the_app_can_be_migrated_after(world: World) -> None:
    app = "abort-twice"
    await world.deploy(app)
    migration = await world.created(app)
    await world.through(app, migration, PREPARED)
    await world.start(app, migration, "abort")
    await world.run(app, migration, "abort")
    assert await world.rest(app, migration) == "aborted"
    again = await world.created(app)
    assert await world.through(app, again, (*PREPARED, "data", "finalize")) == "done"
    refused = await world.run(app, again, "abort")
    assert refused.status_code == 400


async def test_an_app_that_was_stopped_is_stopped_again(world: World) -> None:
    app = "abort-stopped"
    await world.deploy(app)
    await world.scale(app, web=0, clock=0)
    before = await world.snapshot(SOURCE, app)
    migration = await world.created(app)
    await world.through(app, migration, (*PREPARED, "data", "abort"))
    assert await world.snapshot(SOURCE, app) == before
    assert not await world.exists(DESTINATION, app)


async def test_an_app_that_was_never_deployed_is_as_new(world: World) -> None:
    app = "abort-new"
    await world.client.post(f"/{SOURCE}/v1/apps", json={"app": {"name": app}})
    before = await world.snapshot(SOURCE, app)
    migration = await world.created(app)
    await world.through(app, migration, (*PREPARED, "data", "abort"))
    assert await world.snapshot(SOURCE, app) == before
    assert not await world.exists(DESTINATION, app)


async def test_after_a_failed_preflight_there_is_nothing_to_undo(world: World) -> None:
    app = "abort-unchecked"
    for region in (SOURCE, DESTINATION):
        await world.client.post(f"/{region}/v1/apps", json={"app": {"name": app}})
    migration = await world.created(app)
    assert await world.through(app, migration, ["preflight"]) == "preflight-error"
    started = (await world.migration(app, migration))["steps"]
    await world.start(app, migration, "abort")
    aborted = await world.migration(app, migration)
    assert (aborted["status"], aborted["steps"]) == ("aborted", started)
    assert await world.exists(DESTINATION, app)  # it was there before, and is somebody else's
