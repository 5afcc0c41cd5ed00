"""The log: appending in one lane, and reading in order."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import asyncpg

from events.store.appends import Append, CommandOutcome, Outcome
from events.store.archive.reader import Archive
from events.store.archive.whole import next_rows
from events.store.chain import GENESIS, Row
from events.store.database import session
from events.store.draft import Draft
from events.store.errors import LaneBypassedError, translated
from events.store.records import RecordedEvent
from events.store.statements import statement

CHANNEL = "storky_log"  # one notification for each group that wrote events; the payload is the new head
_RETRIES = 2


class Log:
    """The log in a Postgres database. Every method raises LogUnavailableError when the database fails."""

    def __init__(self, pool: asyncpg.Pool, archives: Path | None = None) -> None:
        """Use the pool's connections; to append, its login must be a member of storky_writer.

        `archives` is the folder of what was archived: who reads everything needs it.
        """
        self._pool = pool
        self._archive = Archive(archives)

    async def append(self, batch: Sequence[Append]) -> list[Outcome]:
        """Write a group of commands in one transaction, and return each command's own outcome, in order.

        A conflict or a duplicate concerns that command alone. Raises EventIdTakenError, with nothing of the
        group written, when an event's id was used before.
        """
        for _ in range(_RETRIES):
            with suppress(LaneBypassedError):
                return await self._append(batch)
        return await self._append(batch)

    async def read_stream(self, stream: str, after_version: int = 0) -> list[RecordedEvent]:
        """Return the stream's events with a version above `after_version`, in order.

        Of a closed stream that was archived this is the last event only.
        """
        return [
            RecordedEvent.of(Row(*row)) for row in await self._fetch("read_stream", stream, after_version)
        ]

    async def read_all(self, after: int, limit: int) -> list[RecordedEvent]:
        """Return at most `limit` events with a position above `after`, in order and without holes.

        Raises ArchiveAwayError for events that were archived, if they cannot be read there.
        """
        with translated():
            async with session(self._pool) as connection:
                rows = await next_rows(connection, after, limit, self._archive)
        return [RecordedEvent.of(row) for row in rows]

    async def read_history(self, stream: str) -> list[RecordedEvent]:
        """Return all events of a stream, archived ones too, in order; raises as read_all does."""
        known = await self.read_stream(stream)
        if not known or known[0].version == 1:
            return known
        with translated():
            async with session(self._pool) as connection:
                rows = await self._archive.stream(connection, stream)
        archived = [RecordedEvent.of(row) for row in rows]
        return [event for event in archived if event.version < known[0].version] + known

    async def head(self) -> int:
        """Return the position of the last event, 0 when there is none."""
        (row,) = await self._fetch("read_head")
        return int(row["position"])

    async def outcome(self, command_id: UUID) -> CommandOutcome | None:
        """Return what was decided about a command, None if it was never handled."""
        rows = await self._fetch("read_outcomes", [command_id])
        return CommandOutcome(*rows[0]) if rows else None

    async def _fetch(self, name: str, *arguments: object) -> list[asyncpg.Record]:
        with translated():
            async with session(self._pool) as connection:
                return await connection.fetch(statement(name), *arguments)

    async def _append(self, batch: Sequence[Append]) -> list[Outcome]:
        with translated():
            # Read committed, whatever the server's default: what follows the lane must see what came before.
            async with session(self._pool) as connection, connection.transaction(isolation="read_committed"):
                await connection.execute(statement("take_lane"))
                draft = await _open_draft(connection, batch)
                outcomes = [draft.add(one) for one in batch]
                await _save(connection, draft)
        return outcomes


async def _open_draft(connection: asyncpg.Connection, batch: Sequence[Append]) -> Draft:
    head = await connection.fetchrow(statement("read_head"))
    assert head is not None
    streams = {one.verdict.stream for one in batch} | {write.stream for one in batch for write in one.writes}
    versions = await connection.fetch(statement("read_versions"), list(streams))
    handled = await connection.fetch(statement("read_outcomes"), [one.command_id for one in batch])
    return Draft(
        position=head["position"],
        head_hash=head["hash"] or GENESIS,
        now=head["now"],
        versions={row["stream"]: row["version"] for row in versions},
        handled={row["command_id"]: CommandOutcome(*row) for row in handled},
    )


async def _save(connection: asyncpg.Connection, draft: Draft) -> None:
    if draft.rows:
        await connection.execute(statement("insert_events"), *zip(*draft.rows, strict=True))
        await connection.execute(statement("notify"), CHANNEL, str(draft.position))
    if draft.outcomes:
        columns = zip(*draft.outcomes, strict=True)
        await connection.execute(statement("insert_outcomes"), *columns, draft.now)
