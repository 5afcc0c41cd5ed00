"""Whatever a superuser does to the log, the first event that is not as it was written is named."""

import sys
from collections.abc import Sequence

import asyncpg
import pytest

from events.store import Broken, Log, Verified, verify
from events.store.chain import GENESIS, Row, link
from events.store.diagnosis import Fault
from events.store.statements import statement
from tests.store.samples import append, fill, write

pytestmark = pytest.mark.anyio

LENGTH = 9


@pytest.fixture
async def log(pool: asyncpg.Pool, log: Log) -> Log:
    await fill(log, "a", LENGTH)
    await pool.execute("CREATE TABLE kept AS SELECT * FROM events")
    return log


async def restore(pool: asyncpg.Pool) -> None:
    await tamper(pool, "DELETE FROM events", "INSERT INTO events SELECT * FROM kept")


async def tamper(pool: asyncpg.Pool, *changes: str) -> None:
    """Do as a superuser who knows the triggers and the keys."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("ALTER TABLE events DISABLE TRIGGER USER")
        await connection.execute("ALTER TABLE events DROP CONSTRAINT IF EXISTS events_position_key")
        for change in changes:
            await connection.execute(change)


async def renumber(pool: asyncpg.Pool, new: dict[int, int]) -> None:
    """Move the events at these positions to others."""
    cases = " ".join(f"WHEN {old} THEN {position}" for old, position in new.items())
    await tamper(pool, f"UPDATE events SET position = CASE position {cases} ELSE position END")  # noqa: S608


async def rewrite(pool: asyncpg.Pool, positions: Sequence[int]) -> None:
    """Give the events at these positions the hashes that their content leads to."""
    rows = {row.position: row for row in [Row(*r) for r in await pool.fetch(statement("read_all"), 0, 100)]}
    for position in positions:
        previous = rows[position - 1].hash if position > 1 else GENESIS
        rows[position] = rows[position]._replace(hash=link(previous, rows[position][:-1]))
        await pool.execute("UPDATE events SET hash = $2 WHERE position = $1", position, rows[position].hash)


async def broken(pool: asyncpg.Pool, anchor: Verified | None = None) -> tuple[int, Fault]:
    found = await verify(pool, anchor=anchor)
    assert isinstance(found, Broken)
    return found.position, found.fault


async def head(pool: asyncpg.Pool) -> Verified:
    found = await verify(pool)
    assert isinstance(found, Verified)
    return found


FORGED = """
    INSERT INTO events
    SELECT {at}, 'forged', 1, gen_random_uuid(), type, schema_version, data, metadata, recorded_at, hash
    FROM events ORDER BY position LIMIT 1
"""


async def test_an_untouched_log_is_verified_up_to_its_head(
    pool: asyncpg.Pool, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["events.store.verify"], "_WINDOW", 4)
    kept = await head(pool)
    assert kept == Verified(LENGTH, (await log.read_all(LENGTH - 1, 1))[0].hash)
    await log.append([append(write("b", count=3))])
    assert await verify(pool, anchor=kept) == await head(pool)
    assert (await head(pool)).position == LENGTH + 3


async def test_an_empty_log_is_verified(pool: asyncpg.Pool) -> None:
    assert await verify(pool) == Verified(0, GENESIS)


CHANGES = (
    "stream = 'b'",
    "version = 99",
    "id = gen_random_uuid()",
    "type = type || ' '",
    "schema_version = 2",
    "data = '{ }'",
    "data = ' ' || data, metadata = metadata || ' '",
    "recorded_at = recorded_at + interval '1 microsecond'",
    "recorded_at = 'infinity'",
    "hash = sha256('')",
)


async def test_a_changed_event_is_named(pool: asyncpg.Pool, log: Log) -> None:
    for position in (1, 5, LENGTH):
        for change in CHANGES:
            await restore(pool)
            await tamper(pool, f"UPDATE events SET {change} WHERE position = {position}")  # noqa: S608
            assert await broken(pool) == (position, "changed"), change


async def test_of_several_changes_the_first_is_named(pool: asyncpg.Pool, log: Log) -> None:
    await tamper(pool, "UPDATE events SET data = '[]' WHERE position IN (4, 5, 7)")
    assert await broken(pool) == (4, "changed")


async def test_a_changed_event_with_a_hash_to_match_is_named(pool: asyncpg.Pool, log: Log) -> None:
    await tamper(pool, "UPDATE events SET data = '[]' WHERE position = 4")
    await rewrite(pool, [4])
    # What was written after it cannot follow it any more.
    assert await broken(pool) == (5, "changed")


async def test_removed_events_are_named(pool: asyncpg.Pool, log: Log) -> None:
    for first, last in ((1, 1), (3, 5), (LENGTH - 1, LENGTH - 1)):
        await restore(pool)
        await tamper(pool, f"DELETE FROM events WHERE position BETWEEN {first} AND {last}")  # noqa: S608
        assert await broken(pool) == (first, "removed")


async def test_a_removed_event_whose_gap_was_closed_is_named(pool: asyncpg.Pool, log: Log) -> None:
    await tamper(pool, "DELETE FROM events WHERE position = 3")
    await renumber(pool, {old: old - 1 for old in range(4, LENGTH + 1)})
    assert await broken(pool) == (3, "removed")


async def test_removed_newest_events_are_named_by_a_kept_head(pool: asyncpg.Pool, log: Log) -> None:
    kept = await head(pool)
    await tamper(pool, "DELETE FROM events WHERE position > 6")
    assert (await head(pool)).position == 6  # nothing shows it, but
    assert await broken(pool, kept) == (7, "removed")
    await fill(log, "b", 5)
    assert await broken(pool, kept) == (LENGTH, "rewritten")


async def test_an_inserted_event_is_named(pool: asyncpg.Pool, log: Log) -> None:
    for at in (1, 4, LENGTH):
        for computes in (False, True):
            await restore(pool)
            await renumber(pool, {old: old + 1 for old in range(at, LENGTH + 1)})
            await tamper(pool, FORGED.format(at=at))
            await rewrite(pool, [at] if computes else [])
            assert await broken(pool) == (at, "inserted"), (at, computes)


async def test_a_second_event_at_a_position_is_named(pool: asyncpg.Pool, log: Log) -> None:
    for at in (0, 4, LENGTH):
        await restore(pool)
        await tamper(pool, "ALTER TABLE events DROP CONSTRAINT IF EXISTS events_counted_from_one")
        await tamper(pool, FORGED.format(at=at))
        assert (await broken(pool))[0] == at


async def test_reordered_events_are_named(pool: asyncpg.Pool, log: Log) -> None:
    for first, order in (
        (3, {3: 4, 4: 3}),  # neighbours
        (1, {1: 8, 8: 1}),
        (2, {2: 6, 3: 2, 4: 3, 5: 4, 6: 5}),  # one goes back
        (2, {6: 2, 2: 3, 3: 4, 4: 5, 5: 6}),  # one goes forward
        (LENGTH - 1, {LENGTH: LENGTH - 1, LENGTH - 1: LENGTH}),
    ):
        await restore(pool)
        await renumber(pool, order)
        assert await broken(pool) == (first, "reordered"), order


async def test_a_log_rewritten_with_all_its_hashes_is_named_by_a_kept_head(
    pool: asyncpg.Pool, log: Log
) -> None:
    kept = await head(pool)
    await tamper(pool, "UPDATE events SET data = '[]' WHERE position = 4")
    await rewrite(pool, range(4, LENGTH + 1))
    assert (await head(pool)).position == LENGTH  # nothing shows it, but
    assert await broken(pool, kept) == (LENGTH, "rewritten")
