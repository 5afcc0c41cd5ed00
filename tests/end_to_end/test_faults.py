"""Processes die, sleep and come back in the middle of a migration, and nothing is lost or done twice."""

from dataclasses import dataclass

import anyio
import pytest

from tests.end_to_end.world import DESTINATION, SOURCE, World

pytestmark = pytest.mark.anyio

TO_PREPARED = ("preflight", "prepare")
TO_DATA = (*TO_PREPARED, "data")
STEPS = {"prepare": "prepared", "data": "data-migrated", "finalize": "done"}


@dataclass(frozen=True)
class Killing:
    """A worker is killed in the middle of a task's call, which waits for something that stands still."""

    worker: str
    still: str
    before: tuple[str, ...]
    step: str
    label: str
    leads_to: str


KILLINGS = (
    Killing("apps", DESTINATION, TO_PREPARED[:1], "prepare", "Create the new app", "prepared"),
    Killing("addons", DESTINATION, TO_PREPARED, "data", "Provision postgresql", "data-migrated"),
    Killing("routing", f"{SOURCE}-front", TO_DATA, "finalize", "Redirect the traffic", "done"),
)


# These come first: the more apps there are, the longer it takes a region to start all anew.
@pytest.mark.parametrize("services", [("migrations", SOURCE, "projector"), ("gateway", DESTINATION, "relay")])
async def test_a_service_killed_in_the_middle_of_a_step_goes_on_where_it_was(
    world: World, services: tuple[str, str, str]
) -> None:
    app = f"died-{services[0]}"
    await world.deploy(app)
    migration = await world.created(app)
    await world.through(app, migration, ["preflight"])
    for service, (step, leads_to) in zip(services, STEPS.items(), strict=True):
        await world.start(app, migration, step)
        world.system.process(service).kill()
        assert await world.rest(app, migration) == leads_to
    assert (await world.visit(SOURCE, f"{app}.example.com")).json()["region"] == DESTINATION


@pytest.mark.parametrize("killing", KILLINGS, ids=lambda killing: str(killing.worker))
async def test_a_worker_killed_in_the_middle_of_a_call_is_replaced(world: World, killing: Killing) -> None:
    app = f"killed-{killing.worker}"
    await world.deploy(app)
    migration = await world.created(app)
    await world.through(app, migration, killing.before)
    still = world.system.process(killing.still)
    still.stop()
    try:
        await world.start(app, migration, killing.step)
        await world.started(app, migration, killing.label)
        await anyio.sleep(0.5)
        world.system.process(killing.worker).kill()
    finally:
        still.cont()
    assert await world.rest(app, migration) == killing.leads_to
    steps = (*TO_DATA, "finalize")
    await world.through(app, migration, steps[steps.index(killing.step) + 1 :])
    assert (await world.visit(SOURCE, f"{app}.example.com")).json()["region"] == DESTINATION


async def test_the_broker_restarts_in_the_middle_of_a_step(world: World) -> None:
    app = "broker-restart"
    await world.deploy(app)
    migration = await world.created(app)
    await world.through(app, migration, TO_PREPARED)
    await world.start(app, migration, "data")
    await world.system.restart_rabbitmq()
    assert await world.rest(app, migration) == "data-migrated"
    assert await world.through(app, migration, ["finalize"]) == "done"


async def test_a_worker_that_slept_through_an_abort_can_create_nothing_after_it(world: World) -> None:
    app = "sleeper"
    await world.deploy(app)
    migration = await world.created(app)
    await world.through(app, migration, ["preflight"])
    before = await world.snapshot(SOURCE, app)
    relay, sleeper = world.system.process("relay"), world.system.process("apps")
    relay.stop()
    await world.start(app, migration, "prepare")
    sleeper.stop()
    relay.cont()  # the request to freeze goes to the worker that sleeps
    await world.started(app, migration, "Freeze the source app")
    async with world.system.another("apps"):
        await world.start(app, migration, "abort")
        assert await world.rest(app, migration) == "aborted"
        sleeper.cont()
        await anyio.sleep(2)
        assert await world.snapshot(SOURCE, app) == before
        assert not await world.exists(DESTINATION, app)
