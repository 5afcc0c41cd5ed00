"""The statuses that were written last, so that not every batch reads all tasks of its migrations again.

A status is a fold, so the version says all: what is remembered of a version is what any table has of it. Once
a batch was rolled back, or another process wrote one, the row is of another version, and is read.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

import asyncpg

from events.status import ENDED
from projections.status.model import MigrationStatus
from projections.status.rows import statuses
from projections.status.statements import statement

MOST = 1000  # migrations; some 30 kB each


class Memory:
    """Loads statuses from the tables, or from memory."""

    def __init__(self) -> None:
        self._known: dict[UUID, MigrationStatus] = {}

    async def load(
        self, connection: asyncpg.Connection, ids: Collection[UUID]
    ) -> dict[UUID, MigrationStatus]:
        """Return those of the migrations that there are, by their ids."""
        loaded: dict[UUID, MigrationStatus] = {}
        unknown: list[UUID] = []
        for row in await connection.fetch(statement("load_versions"), list(ids)):
            known = self._known.get(row["id"])
            if known and known.version == row["version"]:
                loaded[known.id] = known
            else:
                unknown.append(row["id"])
        return loaded | (await _read(connection, unknown) if unknown else {})

    def keep(self, written: Iterable[MigrationStatus]) -> None:
        """Remember the latest, of migrations that have not ended."""
        for status in written:
            self._known.pop(status.id, None)
            if status.status not in ENDED:
                self._known[status.id] = status
        for oldest in list(self._known)[:-MOST]:
            del self._known[oldest]


async def _read(connection: asyncpg.Connection, ids: list[UUID]) -> dict[UUID, MigrationStatus]:
    rows = await connection.fetch(statement("load_migrations"), ids)
    tasks = await connection.fetch(statement("load_tasks"), ids)
    return {status.id: status for status in statuses(rows, tasks)}
