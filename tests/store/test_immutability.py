"""What is in the log stays, by privileges and by triggers; tests/audit shows what they cannot prevent."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from events.store import Log, connect
from events.store.schema import create_login
from tests.store.samples import fill

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
