"""Read models are built beside the live ones and take their place at once; a fault stops one alone."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import anyio
import asyncpg
import pytest

from events.store import (
    Accepted,
    Append,
    Log,
    LogError,
    LogUnavailableError,
    NewEvent,
    RecordedEvent,
    StreamWrite,
    connect,
)
from events.store.database import session
from events.store.schema import create_login
from events.store.subscriptions import FaultError, checkpoint, wait_for
from projections.upkeep import Projection, builds, faults, keep, rebuild, rebuilding
from tests.store.samples import METADATA, fill

pytestmark = pytest.mark.anyio

SOON = 60  # seconds
TABLES = "CREATE TABLE counts_by_stream (stream text PRIMARY KEY, events integer NOT NULL);"
COUNT = """
INSERT INTO counts_by_stream AS old (stream, events) VALUES ($1, $2)
ON CONFLICT (stream) DO UPDATE SET events = old.events + excluded.events
"""
POISON = '{"secret": "s3cr3t"}'


class Counts:
    """Counts the events of each stream, each for so many; cannot handle poison until it is mended."""

    def __init__(self, each: int = 1, version: int = 1, tables: str = TABLES) -> None:
        self.each, self.mended = each, False
        self.handled: list[int] = []
        self.projection = Projection("counts", version, tables, self.handle)

    async def handle(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        for event in events:
            await connection.execute(COUNT, event.stream, self.each)
            if event.data == POISON and not self.mended:
                raise ValueError(f"cannot handle {event.data}")
        self.handled += [event.position for event in events]


@pytest.fixture
async def pool(installed_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with connect(installed_url, "tests") as pool:
        yield pool


@asynccontextmanager
async def kept(pool: asyncpg.Pool, *projections: Projection) -> AsyncIterator[None]:
    async with anyio.create_task_group() as group:
        for projection in projections:
            group.start_soon(keep, pool, projection)
        yield
        group.cancel_scope.cancel()


async def poison(log: Log, stream: str) -> NewEvent:
    event = NewEvent(uuid4(), "Happened", 1, POISON, METADATA)
    await log.append([Append(uuid4(), Accepted(stream), (StreamWrite(stream, None, (event,)),))])
    return event


async def counted(reader: asyncpg.Pool | asyncpg.Connection) -> dict[str, int]:
    rows = await reader.fetch("SELECT stream, events FROM projections.counts_by_stream")
    return {row["stream"]: row["events"] for row in rows}


async def up_to_date(pool: asyncpg.Pool, name: str = "counts") -> None:
    await wait_for(pool, name, await Log(pool).head(), SOON)


async def live(pool: asyncpg.Pool) -> builds.Installed:
    async with session(pool) as connection:
        return await builds.installed(connection, "counts")


async def test_a_new_projection_is_installed_and_filled_by_the_role_that_keeps_it(
    installed_url: str, pool: asyncpg.Pool
) -> None:
    await create_login(installed_url, "test_projector", "secret", "storky_projection_writer")
    await create_login(installed_url, "test_viewer", "secret", "storky_viewer")
    host = installed_url.partition("@")[2]
    log = Log(pool)
    await fill(log, "a", 3)
    async with (
        connect(f"postgresql://test_projector:secret@{host}", "tests") as own,
        connect(f"postgresql://test_viewer:secret@{host}", "tests") as viewer,
        kept(own, Counts().projection),
    ):
        await up_to_date(pool)
        assert await counted(viewer) == {"a": 3}
        async with kept(own, Counts(each=2, version=2).projection):
            with anyio.fail_after(SOON):
                while await counted(viewer) != {"a": 6}:
                    await anyio.sleep(0.01)
    assert await live(pool) == ("counts", 2, 2, None)


class Gated(Counts):
    """Waits in its first batch until it may go on."""

    def __init__(self, each: int, version: int) -> None:
        super().__init__(each, version)
        self.begun, self.go_on = anyio.Event(), anyio.Event()

    async def handle(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        self.begun.set()
        await self.go_on.wait()
        await super().handle(connection, events)


async def test_reads_and_writes_go_on_while_a_version_is_built_and_never_see_half_of_it(
    pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "BATCH", 10)
    log, new = Log(pool), Gated(each=100, version=2)
    await fill(log, "a", 25)
    async with kept(pool, Counts().projection), anyio.create_task_group() as group:
        await up_to_date(pool)
        group.start_soon(rebuild, pool, new.projection)
        await new.begun.wait()
        await fill(log, "b", 25)
        await up_to_date(pool)
        assert await counted(pool) == {"a": 25, "b": 25}
        new.go_on.set()
        # One connection, with statements that were prepared for the old build's tables.
        async with session(pool) as reader:
            seen = [(50, {"a": 25, "b": 25})]
            with anyio.fail_after(SOON):
                while seen[-1][1] != {"a": 2500, "b": 2500}:
                    seen.append((await checkpoint(pool, "counts"), await counted(reader)))
        assert [position for position, _ in seen] == [50] * len(seen)
        assert all(rows in ({"a": 25, "b": 25}, {"a": 2500, "b": 2500}) for _, rows in seen)
    assert await live(pool) == ("counts", 2, 2, None)
    assert new.handled == list(range(1, 51))


class Killing(Counts):
    """Loses its connection when it comes to an event."""

    async def handle(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        await super().handle(connection, events)
        if any(event.position == 25 for event in events):
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


async def test_a_rebuild_that_was_killed_goes_on_where_it_stood(
    pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "BATCH", 10)
    await fill(Log(pool), "a", 50)
    async with kept(pool, Counts().projection):
        await up_to_date(pool)
        with pytest.raises(LogUnavailableError):
            await rebuild(pool, Killing(each=2).projection)
        assert await counted(pool) == {"a": 50}
        assert await live(pool) == ("counts", 1, 1, 1)
        again = Counts(each=2)
        await rebuild(pool, again.projection)
        assert again.handled == list(range(21, 51))
        assert await counted(pool) == {"a": 100}


async def test_another_version_does_not_go_on_with_what_was_left(pool: asyncpg.Pool) -> None:
    await fill(Log(pool), "a", 30)
    async with session(pool) as connection:
        await builds.install(connection, Counts().projection)
        with pytest.raises(LogUnavailableError):
            await rebuild(pool, Killing(version=2).projection)
    newest = Counts(each=3, version=3)
    await rebuild(pool, newest.projection)
    assert newest.handled == list(range(1, 31))
    assert await live(pool) == ("counts", 3, 2, None)
    left = await pool.fetch("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'projections_counts%'")
    assert [name for (name,) in left] == ["projections_counts_2"]
    assert [name for (name,) in await pool.fetch("SELECT name FROM checkpoints")] == ["counts"]


async def test_a_second_rebuild_at_the_same_time_is_refused(pool: asyncpg.Pool) -> None:
    slow = Gated(each=1, version=2)
    await fill(Log(pool), "a", 1)
    async with session(pool) as connection:
        await builds.install(connection, Counts().projection)
    async with anyio.create_task_group() as group:
        group.start_soon(rebuild, pool, slow.projection)
        await slow.begun.wait()
        with pytest.raises(builds.ProjectionError, match="being rebuilt already"):
            await rebuild(pool, Counts(version=2).projection)
        slow.go_on.set()


async def test_a_reader_that_takes_long_delays_the_new_version_and_nobody_else(pool: asyncpg.Pool) -> None:
    await fill(Log(pool), "a", 1)
    async with kept(pool, Counts().projection), anyio.create_task_group() as group:
        await up_to_date(pool)
        async with session(pool) as slow, slow.transaction():
            assert await counted(slow) == {"a": 1}
            group.start_soon(rebuild, pool, Counts(each=2, version=2).projection)
            with anyio.fail_after(SOON):
                while not await pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                    await anyio.sleep(0.01)
                assert await counted(pool) == {"a": 1}
            assert await counted(slow) == {"a": 1}
    assert await counted(pool) == {"a": 2}


async def fault_of(pool: asyncpg.Pool, subscription: str) -> dict[str, object]:
    with anyio.fail_after(SOON):
        while not await faults.stands(pool, subscription):
            await anyio.sleep(0.01)
    row = await pool.fetchrow("SELECT * FROM projections.faults WHERE subscription = $1", subscription)
    assert row is not None
    return dict(row)


async def test_a_fault_stops_one_projection_at_the_event_it_names_until_it_is_mended(
    pool: asyncpg.Pool, capsys: pytest.CaptureFixture[str]
) -> None:
    log, counts = Log(pool), Counts()
    everything = Projection("others", 1, TABLES.replace("counts", "others"), _nothing)
    await fill(log, "a", 3)
    event = await poison(log, "a")
    await fill(log, "b", 2)
    async with kept(pool, counts.projection, everything):
        fault = await fault_of(pool, "counts")
        known = (fault["position"], fault["event_id"], fault["event_type"], fault["error"])
        assert known == (4, event.id, "Happened", "ValueError")
        assert "s3cr3t" not in f"{fault}{capsys.readouterr()}"
        assert await counted(pool) == {"a": 3}, "what comes before it takes effect"
        await up_to_date(pool, "others")
        assert await checkpoint(pool, "counts") == 3
        counts.mended = True
        assert await faults.clear(pool, "counts") == 1
        await up_to_date(pool)
        assert await counted(pool) == {"a": 4, "b": 2}


async def _nothing(connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
    """Take the events."""


async def test_a_restart_tries_again(pool: asyncpg.Pool) -> None:
    await poison(Log(pool), "a")
    async with kept(pool, Counts().projection):
        await fault_of(pool, "counts")
    mended = Counts()
    mended.mended = True
    async with kept(pool, mended.projection):
        await up_to_date(pool)
    assert not await faults.stands(pool, "counts")


async def test_a_fault_in_a_rebuild_leaves_the_live_rows_to_go_on(pool: asyncpg.Pool) -> None:
    old, new = Counts(), Counts(each=2, version=2)
    old.mended = True
    await fill(Log(pool), "a", 2)
    await poison(Log(pool), "a")
    async with kept(pool, old.projection):
        await up_to_date(pool)
        with pytest.raises(FaultError, match="counts/2 cannot handle Happened at 3: ValueError"):
            await rebuild(pool, new.projection)
        await fill(Log(pool), "a", 1)
        await up_to_date(pool)
        assert await counted(pool) == {"a": 4}
        new.mended = True
        await rebuild(pool, new.projection)
        assert await counted(pool) == {"a": 8}


@pytest.mark.parametrize(
    ("projection", "why"),
    [
        (Counts(tables=TABLES + "CREATE TABLE strange ()").projection, "rename strange"),
        (Projection("Counts; DROP", 1, TABLES, _nothing), "cannot be the name of a projection"),
        (
            Counts(tables="CREATE TABLE counts_by_stream (stream text)", version=2).projection,
            "cannot drop columns",
        ),
    ],
)
async def test_what_would_harm_others_is_refused(
    pool: asyncpg.Pool, projection: Projection, why: str
) -> None:
    async with session(pool) as connection:
        await builds.install(connection, Counts().projection)
        with pytest.raises((builds.ProjectionError, asyncpg.PostgresError, LogError), match=why):  # noqa: PT012 - either
            await builds.install(connection, projection)
            await rebuild(pool, projection)
    assert await counted(pool) == {}
