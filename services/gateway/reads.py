"""What the gateway reads of migrations: their status from its projection, their history from the log."""

from collections.abc import Collection
from pathlib import Path
from uuid import UUID

import asyncpg

from events.store import Log, LogUnavailableError, RecordedEvent
from events.store.search import Query, Search, sources
from events.store.subscriptions import wait_for
from events.vocabulary import migration_stream
from projections.status import STATUS, MigrationStatus, Timing
from projections.status.queries import Filter, Page, migration, migrations, search, timings
from services.gateway.database import connection_of, database_away


class Reads:
    """Questions to the read model; 503 while the database does not answer."""

    def __init__(self, pool: asyncpg.Pool, archives: Path | None = None) -> None:
        self._pool = pool
        self._archives = archives

    async def migration(self, migration_id: UUID) -> MigrationStatus | None:
        """Return one migration, or None if there is none with this id."""
        async with connection_of(self._pool) as connection:
            return await migration(connection, migration_id)

    async def migrations(self, region: str, app: str) -> list[MigrationStatus]:
        """Return the migrations of a source app, the newest first."""
        async with connection_of(self._pool) as connection:
            return await migrations(connection, region, app)

    async def search_migrations(self, wanted: Filter, page: int, per_page: int) -> Page:
        """Return a page of the migrations that are wanted, the newest first; the first page is 1."""
        async with connection_of(self._pool) as connection:
            return await search(connection, wanted, page, per_page)

    async def timings(self, names: Collection[str], source: str, destination: str) -> list[Timing]:
        """Return how long tasks of these names took, between these regions if there were any."""
        async with connection_of(self._pool) as connection:
            return await timings(connection, names, source, destination)

    async def history(self, migration_id: UUID) -> list[RecordedEvent]:
        """Return a migration's events as the log has them, in order."""
        try:
            return await Log(self._pool, self._archives).read_history(migration_stream(migration_id))
        except LogUnavailableError as error:
            raise database_away(error) from None

    def search(self, query: Query) -> Search:
        """Return the events of the log that match; its methods raise LogUnavailableError."""
        return Search(sources(self._pool, self._archives), query)

    async def first_event(self) -> RecordedEvent | None:
        """Return the event that the log begins with."""
        try:
            return next(iter(await self.search(Query()).page(0, 1)), None)
        except LogUnavailableError as error:
            raise database_away(error) from None

    async def reached(self, position: int, timeout_seconds: float) -> None:
        """Return when the read model shows the log up to `position`; raises TimeoutError."""
        try:
            await wait_for(self._pool, STATUS.name, position, timeout_seconds)
        except LogUnavailableError:
            raise database_away() from None
