"""Recompute the hash chain of the whole log, and hold it against a head that was kept elsewhere."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio.to_thread
import asyncpg

from events.store.archive.reader import Archive
from events.store.chain import GENESIS, link_texts, texts
from events.store.database import session
from events.store.diagnosis import Broken, Head, Link, diagnose
from events.store.errors import translated
from events.store.statements import statement

_WINDOW = 5000  # positions read at a time
_BEFORE_ALL = -(2**63)


@dataclass(frozen=True, slots=True)
class Verified:
    """Every event is as it was written, up to this head (the position and hash of the last event).

    Keep it outside the database: a later verification can be held against it.
    """

    position: int
    hash: bytes


async def verify(
    pool: asyncpg.Pool, *, anchor: Verified | None = None, archives: Path | None = None
) -> Verified | Broken:
    """Recompute every hash, up to the end the log has now, and name the first event that is not as written.

    An `anchor` is an earlier result. Without one, a log that was cut off at its end, or rewritten with all
    its hashes, looks sound. `archives` is the folder of what was archived. Raises LogUnavailableError.
    """
    with translated():
        async with session(pool) as connection:
            log = _Whole(connection, Archive(archives))
            return await log.broken_file() or await _verify(log, anchor)


async def read_head(pool: asyncpg.Pool) -> Verified:
    """Return the end of the log as it is written, without verifying it; raises LogUnavailableError."""
    with translated():
        async with session(pool) as connection:
            ((position, written, _),) = await connection.fetch(statement("read_head"))
    return Verified(position, written or GENESIS)


async def _verify(log: "_Whole", anchor: Verified | None) -> Verified | Broken:
    head = Head(0, GENESIS, GENESIS)
    async for rows in log.read():
        for row in rows:
            position, written = row[0], row[1]
            if position != head.position + 1 or link_texts(head.hash, row[2:]) != written:
                return await diagnose(head, Link.of(row), log.links(position))
            if anchor and position == anchor.position and written != anchor.hash:
                return Broken(position, "rewritten", "the chain is sound, but not the one that was kept")
            head = Head(position, written, head.hash)
    if anchor and anchor.position > head.position:
        why = f"it is missing, with all after it: the log once reached {anchor.position}"
        return Broken(head.position + 1, "removed", why)
    return Verified(head.position, head.hash)


class _Whole:
    """The log's table together with what was archived from it, in order, as rows of read_links.sql."""

    def __init__(self, connection: asyncpg.Connection, archive: Archive) -> None:
        self._connection = connection
        self._archive = archive

    async def broken_file(self) -> Broken | None:
        """Return what is wrong with the first archive that is not as it was written."""
        for file in await self._archive.files(self._connection):
            if file.is_missing():
                return Broken(file.first, "removed", f"the archive {file.path} is missing")
            if await anyio.to_thread.run_sync(file.is_changed):
                return Broken(file.first, "changed", f"the archive {file.path} is not as it was written")
        return None

    async def read(self, after: int = _BEFORE_ALL) -> AsyncIterator[Sequence[Any]]:
        """Yield the rows after a position up to what is the end now, window by window."""
        end = await self._connection.fetchval("SELECT coalesce(max(position), 0) FROM events")
        for upto in range(max(after, 0) + _WINDOW, end + _WINDOW, _WINDOW):
            rows = await self._connection.fetch(statement("read_links"), after, upto)
            archived = await self._connection.fetch(statement("select_archived"), after, upto)
            yield await self._merged(rows, archived, after, upto) if archived else rows
            after = upto

    async def links(self, after: int) -> AsyncIterator[Link]:
        """Yield what comes after a position."""
        async for rows in self.read(after):
            for row in rows:
                yield Link.of(row)

    async def _merged(
        self, rows: Sequence[Any], archived: Sequence[Any], after: int, upto: int
    ) -> Sequence[Any]:
        """Add what was archived, with the hashes that were kept here; what is the same in both is one."""
        found = await self._archive.between(self._connection, after, upto)
        there, kept = ({row[0]: row[1] for row in each} for each in (rows, archived))
        files = [
            (row.position, kept[row.position], *texts(row[:-1]))
            for row in found
            if row.position in kept and there.get(row.position) != kept[row.position]
        ]
        return sorted([*rows, *files], key=lambda row: row[0])
