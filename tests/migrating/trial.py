"""An app that is migrated again and again, and must always be as it was after an abort."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from events.status import Status
from events.vocabulary import AppRef, Step
from tests.migrating import source_apps
from tests.migrating.driver import EVERY_STEP, Driver, Workplace
from tests.migrating.snapshot import Ground, Home, Snapshot, differences
from tests.region.harness import Place

SOURCE, DESTINATION = "agora-fr1", "osc-fr1"


@dataclass(frozen=True)
class Trial:
    """The app, and what there was of it and in the destination before any migration."""

    workplace: Workplace
    home: Home
    ground: Ground
    source: Snapshot
    shown: Snapshot
    destination: Snapshot

    @property
    def new_name(self) -> str:
        """What the app is called in the destination."""
        return f"{self.home.app}-moved"

    def migration(self, steps: Sequence[Step] = EVERY_STEP) -> Driver:
        """Create a migration of the app."""
        source = AppRef(region=SOURCE, app=self.home.app)
        destination = AppRef(region=DESTINATION, app=self.new_name)
        return Driver(self.workplace, source, destination, steps)

    async def undo(self, migration: Driver, moment: str) -> None:
        """Abort; let workers that slept meanwhile come to their tasks; then everything must be as it was."""
        migration.abort()
        await migration.finish()
        for task in migration.overtaken():
            await migration.deliver(task)
        await self.compare(migration, moment)

    async def compare(self, migration: Driver, moment: str) -> None:
        """Look at the source app item by item, and at all there is in the destination."""
        assert migration.state.status is Status.ABORTED
        for region in (SOURCE, DESTINATION):
            assert await self.workplace.regions.region(region).resources(migration.id) == (), moment
        changed = differences(self.source, await self.home.snapshot())
        left = differences(self.destination, await self.ground.snapshot())
        assert not changed + left, "\n".join([f"aborted {moment}:", *changed, *left])

    async def compare_shown(self) -> None:
        """Compare what the API tells of the source app to its owner, and to storky."""
        changed = differences(self.shown, await self.home.shown())
        assert not changed, "\n".join(changed)


@asynccontextmanager
async def trial(
    kind: Callable[[Place, str], Awaitable[None]],
    app: str,
    workplace: Workplace,
    places: Mapping[str, Place],
    folder: Path,
) -> AsyncIterator[Trial]:
    """Make an app and look at everything there is."""
    old, new = places[SOURCE], places[DESTINATION]
    await kind(old, app)
    async with (
        old.user("ada") as owner,
        old.client(old.credential) as storky,
        states(old, new) as (here, there),
    ):
        home = Home(old, app, source_apps.hosts(app, SOURCE), owner, storky, here)
        ground = Ground(new, folder / DESTINATION / "region", there)
        yield Trial(
            workplace, home, ground, await home.snapshot(), await home.shown(), await ground.snapshot()
        )


@asynccontextmanager
async def states(*places: Place) -> AsyncIterator[list[asyncpg.Connection]]:
    """Open the databases in which regions keep their own state."""
    opened = [await asyncpg.connect(place.database_url) for place in places]
    yield opened
    for connection in opened:
        await connection.close()
