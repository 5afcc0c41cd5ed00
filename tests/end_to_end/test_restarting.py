"""The whole system, stopped in the middle of a migration and started again on its directory.

The second time hand-overs last seconds: so the time after the migration is seen as well.
"""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import UUID

import anyio
import pytest

from events import store
from events.facts import Fact, HandoverExpired, HandoverExpiring
from events.vocabulary import migration_stream
from local.sample.deploy import owner
from local.system import running
from tests.end_to_end.world import DESTINATION, PATIENCE, SOURCE, World

pytestmark = pytest.mark.anyio

BRIEF_HANDOVERS = {
    "STORKY_HANDOVER_SECONDS": "20",
    "STORKY_HANDOVER_REMINDERS_SECONDS": "[600, 5]",  # the first moment is before there is a hand-over
}


async def started(directory: Path, stack: AsyncExitStack, settings: Mapping[str, str]) -> World:
    system = await stack.enter_async_context(running(directory, settings))
    token = system.endpoints.tokens["owner"]
    client = await stack.enter_async_context(owner(system.endpoints.gateway, token))
    return World(directory, system, client)


async def test_a_migration_goes_on_where_it_was_when_everything_was_stopped_until_its_hand_over_ends(
    tmp_path: Path,
) -> None:
    async with AsyncExitStack() as stack:
        world = await started(tmp_path, stack, {})
        before = world.system.endpoints
        await world.deploy("my-app")
        rows = (await world.visit(SOURCE, "my-app.example.com", "/rows")).json()
        migration = await world.created("my-app")
        await world.through("my-app", migration, ("preflight", "prepare"))
        await world.start("my-app", migration, "data")
    async with AsyncExitStack() as stack:
        world = await started(tmp_path, stack, BRIEF_HANDOVERS)
        after = world.system.endpoints
        assert (after.gateway, after.tokens, after.regions) == (before.gateway, before.tokens, before.regions)
        assert await world.rest("my-app", migration) == "data-migrated"
        assert await world.through("my-app", migration, ["finalize"]) == "done"
        answer = await world.visit(SOURCE, "my-app.example.com", "/rows")
        assert answer.json() == rows
        assert (await world.visit(SOURCE, "my-app.example.com")).json()["region"] == DESTINATION

        assert await told_after(world, migration) == [
            HandoverExpiring(migration_id=UUID(migration), remaining_seconds=5),
            HandoverExpired(migration_id=UUID(migration)),
        ]
        await no_longer_served(world, SOURCE, "my-app.example.com")
        assert (await world.visit(DESTINATION, "my-app.example.com")).json()["region"] == DESTINATION


async def told_after(world: World, migration: str) -> list[Fact]:
    """Wait until the hand-over's end is in the log; return what was told since the migration was done."""
    stream = migration_stream(UUID(migration))
    async with store.connect(world.system.endpoints.database, "tests", size=1) as pool:
        with anyio.fail_after(PATIENCE):
            while (events := await store.Log(pool).read_stream(stream))[-1].type != "HandoverExpired":
                await anyio.sleep(0.2)
    kinds = [event.type for event in events]
    return [event.decode() for event in events[kinds.index("MigrationDone") + 1 :]]


async def no_longer_served(world: World, region: str, host: str) -> None:
    """Return when the region's front knows the host no more."""
    with anyio.fail_after(PATIENCE):
        while (await world.visit(region, host)).is_success:
            await anyio.sleep(0.2)
