"""`storky up`, stopped in the middle of a migration, started again on its directory, and killed.

The second time hand-overs last seconds: so the time after the migration is seen as well.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import anyio
import httpx
import pytest
from pydantic import TypeAdapter

from events import store
from events.facts import Fact, HandoverExpired, HandoverExpiring
from events.vocabulary import migration_stream
from local.endpoints import Endpoints
from local.sample.deploy import owner
from local.services import SERVICES
from tests.end_to_end.world import DESTINATION, PATIENCE, SOURCE, World
from tests.local.processes import using, wait_until_unused

pytestmark = pytest.mark.anyio

STORKY = Path(sys.executable).with_name("storky")
START = 180  # seconds for everything to start, also where much else does
BRIEF_HANDOVERS = {
    "STORKY_HANDOVER_SECONDS": "20",
    "STORKY_HANDOVER_REMINDERS_SECONDS": "[600, 5]",  # the first moment is before there is a hand-over
}


class Outside(World):
    """A system of another process, which is known by its endpoints.json."""

    def __init__(self, directory: Path, endpoints: Endpoints, client: httpx.AsyncClient) -> None:
        self.directory = directory
        self.endpoints = endpoints
        self.client = client

    def front(self, region: str) -> str:
        return self.endpoints.regions[region].front


@contextmanager
def up(directory: Path, settings: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([STORKY, "up", "--dir", directory], env={**os.environ, **settings}) as process:
        try:
            yield process
        finally:
            process.terminate()


@asynccontextmanager
async def started(directory: Path, process: subprocess.Popen[bytes]) -> AsyncIterator[Outside]:
    """Wait until the system is ready."""
    deadline = time.monotonic() + START
    while not (file := directory / "endpoints.json").exists():
        assert process.poll() is None, "storky up has ended"
        assert time.monotonic() < deadline, "storky up was not ready in time"
        await anyio.sleep(0.1)
    endpoints = TypeAdapter(Endpoints).validate_json(file.read_bytes())
    async with owner(endpoints.gateway, endpoints.tokens["owner"]) as client:
        yield Outside(directory, endpoints, client)


async def test_a_migration_goes_on_where_it_was_when_everything_was_stopped_until_its_hand_over_ends(
    tmp_path: Path,
) -> None:
    with up(tmp_path, {}) as process:
        async with started(tmp_path, process) as world:
            before = world.endpoints
            assert {service.name for service in SERVICES} < before.processes.keys()
            for private in ("endpoints.json", "operator-key.pem"):
                assert (tmp_path / private).stat().st_mode & 0o777 == 0o600
            refused_a_second_time(tmp_path)
            await world.deploy_sample("my-app")
            rows = (await world.visit(SOURCE, "my-app.example.com", "/rows")).json()
            migration = await world.created("my-app")
            await world.through("my-app", migration, ("preflight", "prepare"))
            await world.start("my-app", migration, "data")
        end(process, tmp_path)
    assert using(tmp_path) == set()

    with up(tmp_path, BRIEF_HANDOVERS) as process:
        async with started(tmp_path, process) as world:
            assert replace(world.endpoints, processes=before.processes) == before
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
        process.kill()
    wait_until_unused(tmp_path)


def refused_a_second_time(directory: Path) -> None:
    refused = subprocess.run([STORKY, "up", "--dir", directory], check=False, capture_output=True, text=True)
    assert refused.returncode == 1
    assert f"already running in {directory}" in refused.stderr


def end(process: subprocess.Popen[bytes], directory: Path) -> None:
    """Ask it to end, and again, as an impatient user does."""
    process.send_signal(signal.SIGTERM)
    while (directory / "endpoints.json").exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0


async def told_after(world: Outside, migration: str) -> list[Fact]:
    """Wait until the hand-over's end is in the log; return what was told since the migration was done."""
    stream = migration_stream(UUID(migration))
    async with store.connect(world.endpoints.database, "tests", size=1) as pool:
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
