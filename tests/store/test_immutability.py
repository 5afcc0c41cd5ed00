"""What is in the log stays: privileges, triggers, and a chain that shows what they could not prevent."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from events.store import Broken, Log, Verified, connect, verify
from events.store.schema import create_login
from tests.store.samples import append, fill, write

pytestmark = pytest.mark.anyio

CHANGES = (
    "UPDATE events SET data = '[]'",
    "DELETE FROM events",
    "TRUNCATE events",
    "UPDATE command_outcomes SET version = 9",
    "DELETE FROM command_outcomes",
    "TRUNCATE command_outcomes",
)


async def login(superuser_url: str, role: str) -> str:
    """Return the URL of a login that is a member of the role, and of nothing else."""
    await create_login(superuser_url, f"test_{role}", "secret", role)
    return f"postgresql://test_{role}:secret@{superuser_url.partition('@')[2]}"


@pytest.fixture
async def writer(installed_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with connect(await login(installed_url, "storky_writer"), "tests") as pool:
        yield pool


async def test_a_writer_appends_and_reads(writer: asyncpg.Pool) -> None:
    await fill(Log(writer), "a", 2)
    assert await Log(writer).head() == 2


async def test_a_writer_can_do_nothing_else(writer: asyncpg.Pool) -> None:
    await fill(Log(writer), "a", 1)
    for forbidden in (*CHANGES, "DROP TABLE events", "UPDATE checkpoints SET position = 0"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await writer.execute(forbidden)


@pytest.mark.parametrize("role", ["storky_reader", "storky_subscriber"])
async def test_who_only_reads_cannot_write(installed_url: str, role: str) -> None:
    async with connect(await login(installed_url, role), "tests") as pool:
        assert await Log(pool).read_all(0, 1) == []
        for forbidden in (*CHANGES, "INSERT INTO events SELECT * FROM events", "CREATE TABLE own ()"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.execute(forbidden)


@pytest.mark.parametrize("setting", ["origin", "replica"])
async def test_even_a_superuser_is_refused(pool: asyncpg.Pool, log: Log, setting: str) -> None:
    await fill(log, "a", 1)
    async with pool.acquire() as connection:
        await connection.execute(f"SET session_replication_role = {setting}")
        for change in CHANGES:
            with pytest.raises(asyncpg.RestrictViolationError, match="is append-only"):
                await connection.execute(change)


async def test_an_untouched_log_is_verified(pool: asyncpg.Pool, log: Log) -> None:
    assert await verify(pool) == Verified(0, bytes(32))
    await fill(log, "a", 3)
    await log.append([append(write("b", count=1500))])
    earlier = await verify(pool)
    assert earlier == Verified(1503, (await log.read_all(1502, 1))[0].hash)
    await fill(log, "a", 2)
    assert isinstance(earlier, Verified)
    assert isinstance(await verify(pool, anchor=earlier), Verified)


CHANGED_COLUMNS = (
    "stream = 'b'",
    "version = 99",
    "id = gen_random_uuid()",
    "type = type || ' '",
    "schema_version = 2",
    "data = '{ }'",
    "metadata = metadata || ' '",
    "data = ' ' || data, metadata = metadata || ' '",
    "recorded_at = recorded_at + interval '1 microsecond'",
    "hash = sha256('')",
)


async def test_any_changed_column_is_found(pool: asyncpg.Pool, log: Log) -> None:
    await fill(log, "a", len(CHANGED_COLUMNS))
    # From the end to the beginning: the first broken event is the one that is reported.
    for position, change in reversed(list(enumerate(CHANGED_COLUMNS, start=1))):
        await tamper(pool, f"UPDATE events SET {change} WHERE position = {position}")  # noqa: S608
        assert await verify(pool) == Broken(position, "the event, its hash, or the one before it was changed")


async def test_a_removed_event_is_found(pool: asyncpg.Pool, log: Log) -> None:
    await fill(log, "a", 5)
    await tamper(pool, "DELETE FROM events WHERE position = 3")
    assert await verify(pool) == Broken(3, "missing: the next event is at 4")


async def test_closing_the_gap_does_not_hide_it(pool: asyncpg.Pool, log: Log) -> None:
    await fill(log, "a", 5)
    await tamper(pool, "DELETE FROM events WHERE position = 3")
    await tamper(pool, "UPDATE events SET position = 3 WHERE position = 4")
    assert isinstance(await verify(pool), Broken)


async def test_an_inserted_event_is_found(pool: asyncpg.Pool, log: Log) -> None:
    await fill(log, "a", 2)
    await pool.execute(
        "INSERT INTO events SELECT 3, 'a', 3, gen_random_uuid(), type, schema_version, data, metadata,"
        " recorded_at, hash FROM events WHERE position = 2"
    )
    assert isinstance(await verify(pool), Broken)


async def test_a_cut_off_end_is_found_by_an_earlier_head(pool: asyncpg.Pool, log: Log) -> None:
    await fill(log, "a", 5)
    earlier = await verify(pool)
    assert isinstance(earlier, Verified)
    await tamper(pool, "DELETE FROM events WHERE position > 3")
    assert isinstance(await verify(pool), Verified)
    assert await verify(pool, anchor=earlier) == Broken(4, "the log ends here, but once reached 5")
    await fill(log, "b", 5)
    assert await verify(pool, anchor=earlier) == Broken(
        5, "the chain is sound, but it is not the one that was verified earlier"
    )


async def tamper(pool: asyncpg.Pool, change: str) -> None:
    """Do as a superuser who knows the triggers."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("ALTER TABLE events DISABLE TRIGGER USER")
        await connection.execute(change)
