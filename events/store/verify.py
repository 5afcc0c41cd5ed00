"""Recompute the hash chain of the whole log, and hold it against a head that was kept elsewhere."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg

from events.store.chain import GENESIS, link_texts
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


async def verify(pool: asyncpg.Pool, *, anchor: Verified | None = None) -> Verified | Broken:
    """Recompute every hash, up to the end the log has now, and name the first event that is not as written.

    An `anchor` is an earlier result. Without one, a log that was cut off at its end, or rewritten with all
    its hashes, looks sound. Raises LogUnavailableError.
    """
    head = Head(0, GENESIS, GENESIS)
    async for rows in _read(pool):
        for row in rows:
            position, written = row[0], row[1]
            if position != head.position + 1 or link_texts(head.hash, row[2:]) != written:
                return await diagnose(head, Link.of(row), _links(pool, position))
            if anchor and position == anchor.position and written != anchor.hash:
                return Broken(position, "rewritten", "the chain is sound, but not the one that was kept")
            head = Head(position, written, head.hash)
    if anchor and anchor.position > head.position:
        why = f"it is missing, with all after it: the log once reached {anchor.position}"
        return Broken(head.position + 1, "removed", why)
    return Verified(head.position, head.hash)


async def read_head(pool: asyncpg.Pool) -> Verified:
    """Return the end of the log as it is written, without verifying it; raises LogUnavailableError."""
    ((position, written, _),) = await _fetch(pool, statement("read_head"))
    return Verified(position, written or GENESIS)


async def _read(pool: asyncpg.Pool, after: int = _BEFORE_ALL) -> AsyncIterator[list[asyncpg.Record]]:
    """Yield the rows after a position up to what is the end now, window by window."""
    ((end,),) = await _fetch(pool, "SELECT coalesce(max(position), 0) FROM events")
    for upto in range(max(after, 0) + _WINDOW, end + _WINDOW, _WINDOW):
        yield await _fetch(pool, statement("read_links"), after, upto)
        after = upto


async def _fetch(pool: asyncpg.Pool, sql: str, *arguments: object) -> list[asyncpg.Record]:
    with translated():
        async with session(pool) as connection:
            return await connection.fetch(sql, *arguments)


async def _links(pool: asyncpg.Pool, after: int) -> AsyncIterator[Link]:
    async for rows in _read(pool, after):
        for row in rows:
            yield Link.of(row)
