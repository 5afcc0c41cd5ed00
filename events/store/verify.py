"""Recompute the hash chain of the whole log."""

from dataclasses import dataclass

import asyncpg

from events.store.chain import GENESIS, Row, link
from events.store.database import session
from events.store.errors import translated
from events.store.statements import statement

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Verified:
    """Every event is as it was written, up to this head (the position and hash of the last event).

    Keep it outside the database: a later verification can be held against it.
    """

    position: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """The first position that is not as it was written, and what is wrong with it."""

    position: int
    why: str


async def verify(pool: asyncpg.Pool, *, anchor: Verified | None = None) -> Verified | Broken:
    """Recompute every hash, in batches, and compare.

    An `anchor` is an earlier result. Without one, a log that was cut off at its end, or rewritten with all
    its hashes, looks sound. Raises LogUnavailableError.
    """
    head = Verified(0, GENESIS)
    while rows := await _read(pool, head.position):
        for row in rows:
            result = _check(head, row, anchor)
            if isinstance(result, Broken):
                return result
            head = result
    if anchor and anchor.position > head.position:
        return Broken(head.position + 1, f"the log ends here, but once reached {anchor.position}")
    return head


async def _read(pool: asyncpg.Pool, after: int) -> list[Row]:
    with translated():
        async with session(pool) as connection:
            return [Row(*row) for row in await connection.fetch(statement("read_all"), after, _BATCH)]


def _check(head: Verified, row: Row, anchor: Verified | None) -> Verified | Broken:
    if row.position != head.position + 1:
        return Broken(head.position + 1, f"missing: the next event is at {row.position}")
    if link(head.hash, row[:-1]) != row.hash:
        return Broken(row.position, "the event, its hash, or the one before it was changed")
    if anchor and row.position == anchor.position and row.hash != anchor.hash:
        return Broken(row.position, "the chain is sound, but it is not the one that was verified earlier")
    return Verified(row.position, row.hash)
