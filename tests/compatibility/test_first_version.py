"""A database that version 0.1.0 has written is upgraded, read, shown and continued by this release.

v0.1.0.sql.gz is a dump, without owners, of the database of a system of that version: five migrations (one
done, two aborted, one prepared, one that failed its checks) and two refused commands.
"""

import gzip
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import anyio
import asyncpg
import pytest

from events.commands import AbortMigration
from events.envelope import Envelope
from events.status import Status
from events.store import Appender, Log, connect, verify
from events.store.database import session
from events.store.schema import upgrade
from events.store.subscriptions import wait_for
from events.store.verify import Verified
from events.vocabulary import migration_stream
from local.postgres import BIN
from projections.status import STATUS, MigrationStatus, queries
from projections.status.fold import status_at
from projections.upkeep import keep
from services.migrations.handler import CommandHandler
from services.migrations.intake import Received

DUMP = Path(__file__).with_name("v0.1.0.sql.gz")
HEAD = 234
PREPARED = UUID("c5b3017b-9399-4bf5-b184-098c34ec1620")
REGIONS = frozenset({"agora-fr1", "osc-fr1"})

pytestmark = pytest.mark.anyio


@pytest.fixture
async def pool(database_url: str, installed_template: str) -> AsyncIterator[asyncpg.Pool]:
    # The template is asked for, as installing it makes the roles, which no dump of a database has.
    restore = [str(BIN / "psql"), "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    await anyio.run_process([*restore, database_url], input=gzip.decompress(DUMP.read_bytes()))
    await upgrade(database_url)
    async with connect(database_url, "tests") as pool:
        yield pool


async def test_its_events_are_sound_and_all_can_be_read(pool: asyncpg.Pool) -> None:
    verified = await verify(pool)
    assert isinstance(verified, Verified)
    assert verified.position == HEAD
    events = await Log(pool).read_all(0, HEAD)
    assert Counter(event.type for event in events)["TaskSucceeded"] == 90
    assert all(event.decode() for event in events)


async def test_its_migrations_are_shown_as_their_events_tell(pool: asyncpg.Pool) -> None:
    ids = [row["id"] for row in await pool.fetch("SELECT id FROM projections.status_migrations")]
    for migration_id in ids:
        folded = status_at(await Log(pool).read_stream(migration_stream(migration_id)))
        assert await status_of(pool, migration_id) == folded
        assert folded is not None
        assert folded.started_by == "us-owner"
    assert len(ids) == 5


async def test_a_migration_that_it_has_begun_is_undone_by_this_release(pool: asyncpg.Pool) -> None:
    async with Appender(Log(pool)) as appender:
        handler = CommandHandler(Log(pool), appender, REGIONS)
        envelope = Envelope.wrap(AbortMigration(migration_id=PREPARED), id=uuid4(), source="tests")
        outcome = await handler.handle(Received(envelope, "storky-gateway", envelope.name))
    assert outcome.accepted, outcome.reason
    async with anyio.create_task_group() as group:
        group.start_soon(keep, pool, STATUS)
        await wait_for(pool, "status", outcome.position, timeout_seconds=30)
        group.cancel_scope.cancel()
    status = await status_of(pool, PREPARED)
    assert status.status is Status.ABORTING
    assert {task.name for task in status.tasks if task.state == "running"} == {
        "fence-source",
        "fence-destination",
    }


async def status_of(pool: asyncpg.Pool, migration_id: UUID) -> MigrationStatus:
    async with session(pool) as connection:
        found = await queries.migration(connection, migration_id)
    assert found is not None
    return found
