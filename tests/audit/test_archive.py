"""What was closed leaves the database, and nothing is lost: not the chain, not an answer, not a version."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import duckdb
import pytest

from events import facts
from events.commands import CreateMigration, RunStep
from events.store import Appender, Broken, Log, RecordedEvent, connect, verify
from events.store.archive import Archive, ArchiveAwayError, ArchiveError, writer
from events.store.archive.reader import digest_of
from events.store.database import session
from events.store.search import Query, Search, sources
from events.store.statements import statement
from events.store.subscriptions import advance
from events.vocabulary import AppRef, Step, app_stream, migration_stream
from services.migrations.handler import CommandHandler
from tests.audit.samples import HERE, THERE, aborted, claimed, publish, rejected
from tests.migrations.test_handler import received
from tests.store.test_immutability import login

pytestmark = pytest.mark.anyio

FIRST, SECOND, DONE, OPEN, FAILED = (uuid4() for _ in range(5))
LATER = datetime.now(UTC) + timedelta(days=1)


def done(migration: UUID, app: str) -> list[facts.Fact]:
    _, *released = aborted(app, migration)
    return [facts.MigrationDone(migration_id=migration), *released]


@pytest.fixture
async def log(pool: asyncpg.Pool, log: Log) -> Log:
    """A log with the migrations of four apps; what may be archived is told by `archivable`."""
    await publish(log, claimed("shop", FIRST))  # 1 to 3
    await publish(log, aborted("shop", FIRST))  # 4 to 6
    await publish(log, claimed("shop", SECOND))  # 7 to 9: its name is claimed again, and released again
    await publish(log, rejected("billing", app="shop"), actor="billing", person=None)  # 10
    await publish(log, aborted("shop", SECOND))  # 11 to 13
    await publish(log, claimed("blog", DONE))  # 14 to 16
    await publish(log, done(DONE, "blog"))  # 17 to 19
    await publish(log, [facts.HandoverExpired(migration_id=DONE)])  # 20
    await publish(log, claimed("wiki", OPEN))  # 21 to 23
    await publish(log, claimed("till", FAILED))  # 24 to 26
    _, *released = aborted("till", FAILED)
    failed = facts.StepFailed(migration_id=FAILED, step=Step.PREFLIGHT, run=1)
    await publish(log, [failed, *released])  # 27 to 29
    await handled(pool, 29)
    return log


ARCHIVABLE = [1, 2, 3, 5, 6, 7, 8, 9, 14, 15, 16, 17, 24, 25, 26]


async def handled(pool: asyncpg.Pool, position: int) -> None:
    await pool.execute(
        "INSERT INTO checkpoints VALUES ('status', $1, now()) ON CONFLICT (name) DO UPDATE SET position = $1",
        position,
    )


async def archived(url: str, folder: Path, before: datetime = LATER) -> writer.Archived:
    found = await writer.archive(url, before, folder)
    assert found is not None
    return found


async def positions(pool: asyncpg.Pool, table: str = "events") -> list[int]:
    return [row[0] for row in await pool.fetch(f"SELECT position FROM {table} ORDER BY position")]  # noqa: S608


async def everything(pool: asyncpg.Pool, folder: Path | None) -> list[Sequence[RecordedEvent]]:
    """Return all answers that must not change."""
    answers: list[Sequence[RecordedEvent]] = [await Log(pool, folder).read_all(0, 100)]
    for query in (
        Query(),
        Query(app="shop", order="newest"),
        Query(migration=SECOND),
        Query(actor="us-1", text="OSC-FR1"),
        Query(since=answers[0][2].recorded_at, until=answers[0][12].recorded_at, order="newest"),
    ):
        search = Search(sources(pool, folder), query)
        found = [event async for batch in search.batches() for event in batch]
        assert await search.count() == len(found) > 0, query
        assert await search.page(2, 100) == found[2:], query
        answers.append(found)
    streams = (migration_stream(FIRST), app_stream(AppRef(region=HERE, app="shop")))
    return [*answers, *[await Log(pool, folder).read_history(stream) for stream in streams]]


async def test_closed_streams_leave_all_but_their_last_event(
    pool: asyncpg.Pool, log: Log, installed_url: str, tmp_path: Path
) -> None:
    found = await archived(installed_url, tmp_path)
    assert (found.file.name, found.events) == ("events-000001.parquet", len(ARCHIVABLE))
    assert await positions(pool, "archived_events") == ARCHIVABLE
    assert await positions(pool) == [each for each in range(1, 30) if each not in ARCHIVABLE]
    assert list(tmp_path.iterdir()) == [found.file]
    assert await writer.archive(installed_url, LATER, tmp_path) is None


async def test_every_answer_is_what_it_was(
    pool: asyncpg.Pool, log: Log, installed_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, head = await everything(pool, None), await verify(pool)
    await archived(installed_url, tmp_path)
    assert await everything(pool, tmp_path) == before
    assert await verify(pool, archives=tmp_path) == head
    monkeypatch.setattr(sys.modules["events.store.search"], "BATCH", 5)
    monkeypatch.setattr(sys.modules["events.store.verify"], "_WINDOW", 7)
    assert await everything(pool, tmp_path) == before
    assert await verify(pool, archives=tmp_path) == head


async def test_what_is_archived_later_is_read_together(
    pool: asyncpg.Pool, log: Log, installed_url: str, tmp_path: Path
) -> None:
    before = await everything(pool, None)
    (half,) = [event.recorded_at for event in before[0] if event.position == 14]
    first = await archived(installed_url, tmp_path, half)
    second = await archived(installed_url, tmp_path)
    assert (first.events, second.events) == (8, len(ARCHIVABLE) - 8)
    assert await everything(pool, tmp_path) == before
    with pytest.raises(ArchiveError, match="is missing: archive to where"):
        await writer.archive(installed_url, LATER, tmp_path.parent)


async def test_what_a_subscription_has_not_handled_stays(
    pool: asyncpg.Pool, log: Log, installed_url: str, tmp_path: Path
) -> None:
    await handled(pool, 2)
    assert (await archived(installed_url, tmp_path)).events == 2
    assert (await positions(pool))[0] == 3


async def test_a_crash_removes_nothing_and_the_next_call_goes_on(
    pool: asyncpg.Pool, log: Log, installed_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await everything(pool, None)
    with monkeypatch.context() as broken:
        broken.setattr(
            writer, "statement", lambda name: "SELECT 1 / 0" if name == "delete_archived" else statement(name)
        )
        with pytest.raises(Exception, match="division by zero"):
            await writer.archive(installed_url, LATER, tmp_path)
    left = tmp_path / "events-000001.parquet"
    assert left.exists()
    assert await everything(pool, tmp_path) == before
    left.write_bytes(b"half a file")
    assert (await archived(installed_url, tmp_path)).file == left
    assert await everything(pool, tmp_path) == before


async def test_a_file_that_cannot_be_written_changes_nothing(
    pool: asyncpg.Pool, log: Log, installed_url: str, tmp_path: Path
) -> None:
    with pytest.raises(ArchiveError, match="cannot be written"):
        await writer.archive(installed_url, LATER, tmp_path / "missing")
    assert len(await positions(pool)) == 29


async def test_a_missing_or_changed_file_is_named(
    pool: asyncpg.Pool, log: Log, installed_url: str, tmp_path: Path
) -> None:
    file = (await archived(installed_url, tmp_path)).file
    content = file.read_bytes()
    file.write_bytes(content + b" ")
    assert await verify(pool, archives=tmp_path) == Broken(
        1, "changed", f"the archive {file} is not as it was written"
    )
    file.unlink()
    assert await verify(pool, archives=tmp_path) == Broken(1, "removed", f"the archive {file} is missing")
    with pytest.raises(ArchiveAwayError, match="is missing"):
        await everything(pool, tmp_path)
    with pytest.raises(ArchiveAwayError, match="STORKY_ARCHIVE"):
        await verify(pool)


async def test_a_file_changed_with_its_digest_breaks_the_chain(
    pool: asyncpg.Pool, log: Log, installed_url: str, tmp_path: Path
) -> None:
    file = (await archived(installed_url, tmp_path)).file
    original = file.read_bytes()
    for change, position, fault in (
        ("* REPLACE (CASE position WHEN 3 THEN '{}' ELSE data END AS data) FROM rows", 3, "changed"),
        ("* FROM rows WHERE position <> 6", 6, "removed"),
    ):
        file.write_bytes(original)
        with duckdb.connect() as database:
            database.execute("CREATE TABLE rows AS SELECT * FROM read_parquet(?)", [str(file)])
            database.execute(f"COPY (SELECT {change}) TO '{file}' (FORMAT parquet)")
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("ALTER TABLE archives DISABLE TRIGGER USER")
            await connection.execute("UPDATE archives SET sha256 = $1", digest_of(file))
        found = await verify(pool, archives=tmp_path)
        assert isinstance(found, Broken)
        assert (found.position, found.fault) == (position, fault)


async def test_only_what_is_archived_can_be_deleted_and_only_by_the_owner(
    pool: asyncpg.Pool, log: Log, installed_url: str
) -> None:
    await pool.execute("INSERT INTO archives VALUES (1, 'x', '', 1)")
    await pool.execute("INSERT INTO archived_events SELECT position, hash, 1 FROM events WHERE position = 1")
    await pool.execute(
        "INSERT INTO archived_events SELECT position, sha256(''), 1 FROM events WHERE position = 2"
    )
    async with connect(await login(installed_url, "storky_writer"), "tests") as writing:
        for forbidden in (
            "DELETE FROM events WHERE position = 1",
            "INSERT INTO archives VALUES (2, 'y', '', 1)",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await writing.execute(forbidden)
    for position in (2, 3):
        with pytest.raises(asyncpg.RestrictViolationError):
            await pool.execute("DELETE FROM events WHERE position = $1", position)
    await pool.execute("DELETE FROM events WHERE position = 1")
    for table in ("archives", "archived_events"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await pool.execute(f"DELETE FROM {table}")  # noqa: S608


async def test_the_writer_goes_on_where_the_archive_ends(
    pool: asyncpg.Pool, log: Log, installed_url: str, tmp_path: Path
) -> None:
    await archived(installed_url, tmp_path)
    async with Appender(log) as appender:
        handler = CommandHandler(log, appender, frozenset({HERE, THERE}))
        ends = (AppRef(region=HERE, app="shop"), AppRef(region=THERE, app="shop"))
        again = CreateMigration(migration_id=uuid4(), source=ends[0], destination=ends[1])
        assert (await handler.handle(received(again))).accepted
        assert [event.version for event in await log.read_stream(app_stream(ends[0]))] == [4, 5]
        taken = await handler.handle(received(again.model_copy(update={"migration_id": uuid4()})))
        assert taken.code == "app_in_migration"
        for command in (
            RunStep(migration_id=FIRST, step=Step.PREPARE),
            again.model_copy(update={"migration_id": FIRST}),
        ):
            assert (await handler.handle(received(command))).code == "archived"


class Reader:
    """A subscriber that begins with the first event."""

    name = "status"

    def __init__(self) -> None:
        self.positions: list[int] = []

    async def handle(self, _: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        self.positions += [event.position for event in events]


async def test_who_reads_the_whole_log_reads_the_archive_or_is_stopped(
    pool: asyncpg.Pool, log: Log, installed_url: str, tmp_path: Path
) -> None:
    await archived(installed_url, tmp_path)
    await handled(pool, 0)
    reader = Reader()
    async with session(pool) as connection:
        for archive in (None, Archive(None)):
            with pytest.raises(ArchiveAwayError):
                await advance(connection, reader, 4, archive)
        while await advance(connection, reader, 4, Archive(tmp_path)):
            pass
    assert reader.positions == list(range(1, 30))
    with pytest.raises(ArchiveAwayError):
        await Log(pool).read_all(0, 5)
