"""The whole system, stopped in the middle of a migration and started again on its directory."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from local.sample.deploy import owner
from local.system import running
from tests.end_to_end.world import DESTINATION, SOURCE, World

pytestmark = pytest.mark.anyio


async def started(directory: Path, stack: AsyncExitStack) -> World:
    system = await stack.enter_async_context(running(directory))
    token = system.endpoints.tokens["owner"]
    client = await stack.enter_async_context(owner(system.endpoints.gateway, token))
    return World(directory, system, client)


async def test_a_migration_goes_on_where_it_was_when_everything_was_stopped(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        world = await started(tmp_path, stack)
        before = world.system.endpoints
        await world.deploy("my-app")
        rows = (await world.visit(SOURCE, "my-app.example.com", "/rows")).json()
        migration = await world.created("my-app")
        await world.through("my-app", migration, ("preflight", "prepare"))
        await world.start("my-app", migration, "data")
    async with AsyncExitStack() as stack:
        world = await started(tmp_path, stack)
        after = world.system.endpoints
        assert (after.gateway, after.tokens, after.regions) == (before.gateway, before.tokens, before.regions)
        assert await world.rest("my-app", migration) == "data-migrated"
        assert await world.through("my-app", migration, ["finalize"]) == "done"
        answer = await world.visit(SOURCE, "my-app.example.com", "/rows")
        assert answer.json() == rows
        assert (await world.visit(SOURCE, "my-app.example.com")).json()["region"] == DESTINATION
