"""Every event takes effect once, in order, whatever happens on the way."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import asyncpg
import pytest

from events.store import Log, RecordedEvent, Subscriber, connect
from events.store.schema import create_login, upgrade
from events.store.subscriptions import checkpoint, run, wait_for
from local.postgres import PostgresServer
from tests.store.samples import fill
from tests.tcp_proxy import tcp_proxy

pytestmark = pytest.mark.anyio

SOON = 30  # seconds
NEVER = 1000


class Recorder:
    """Writes the position of each event it is given into a table."""

    name = "recorder"

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    async def handle(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        self.batches.append([event.position for event in events])
        await self.write(connection)

    async def write(self, connection: asyncpg.Connection) -> None:
        rows = [(position,) for position in self.batches[-1]]
        await connection.executemany("INSERT INTO effects (position) VALUES ($1)", rows)


class Stalling(Recorder):
    """Stalls in its first batch, before it writes."""

    def __init__(self) -> None:
        super().__init__()
        self.stalled, self.go_on = anyio.Event(), anyio.Event()

    async def write(self, connection: asyncpg.Connection) -> None:
        if not self.stalled.is_set():
            self.stalled.set()
            await self.go_on.wait()
        await super().write(connection)


class Failing(Recorder):
    """Fails in its first batches, after it has written."""

    failures = 2

    async def write(self, connection: asyncpg.Connection) -> None:
        await super().write(connection)
        if self.failures:
            self.failures -= 1
            raise RuntimeError("not today")


@pytest.fixture
async def installed_url(installed_url: str) -> str:
    await create_effects(installed_url)
    return installed_url


async def create_effects(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE effects (position bigint, number serial)")
    await connection.close()


async def effects(pool: asyncpg.Pool) -> list[int]:
    return [row["position"] for row in await pool.fetch("SELECT position FROM effects ORDER BY number")]


@asynccontextmanager
async def running(
    pool: asyncpg.Pool, *subscribers: Subscriber, batch: int = 500, poll_seconds: float = NEVER
) -> AsyncIterator[None]:
    async with anyio.create_task_group() as tasks:
        for subscriber in subscribers:
            tasks.start_soon(partial(run, pool, subscriber, batch=batch, poll_seconds=poll_seconds))
        yield
        tasks.cancel_scope.cancel()


async def test_the_log_is_handled_from_its_beginning_in_batches(pool: asyncpg.Pool, log: Log) -> None:
    await fill(log, "a", 7)
    recorder = Recorder()
    async with running(pool, recorder, batch=3):
        await wait_for(pool, "recorder", 7, SOON)
    assert recorder.batches == [[1, 2, 3], [4, 5, 6], [7]]
    assert await effects(pool) == [1, 2, 3, 4, 5, 6, 7]


async def test_a_notification_wakes_the_subscription(pool: asyncpg.Pool, log: Log) -> None:
    async with running(pool, Recorder(), poll_seconds=NEVER):
        for position in range(1, 6):
            await fill(log, "a", 1)
            await wait_for(pool, "recorder", position, SOON)
    assert await effects(pool) == [1, 2, 3, 4, 5]


async def test_without_any_notification_polling_finds_the_events(
    pool: asyncpg.Pool, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("events.store.subscriptions.CHANNEL", "nobody_speaks_here")
    async with running(pool, Recorder(), poll_seconds=0.05):
        await wait_for_creation(pool)
        await fill(log, "a", 3)
        await wait_for(pool, "recorder", 3, SOON)


async def wait_for_creation(pool: asyncpg.Pool) -> None:
    with anyio.fail_after(SOON):
        while not await pool.fetchval("SELECT count(*) FROM checkpoints"):
            await anyio.sleep(0.01)


async def test_it_goes_on_where_it_stopped(pool: asyncpg.Pool, log: Log) -> None:
    for position in (2, 4):
        await fill(log, "a", 2)
        async with running(pool, Recorder()):
            await wait_for(pool, "recorder", position, SOON)
    assert await effects(pool) == [1, 2, 3, 4]
    assert await checkpoint(pool, "recorder") == 4
    assert await checkpoint(pool, "somebody else") == 0


async def test_waiting_for_what_does_not_come_ends(pool: asyncpg.Pool) -> None:
    with pytest.raises(TimeoutError):
        await wait_for(pool, "recorder", 1, 0.05)


async def test_a_twin_that_stalled_writes_nothing(pool: asyncpg.Pool, log: Log) -> None:
    await fill(log, "a", 5)
    stalled = Stalling()
    async with running(pool, stalled):
        await stalled.stalled.wait()
        async with running(pool, Recorder()):
            await wait_for(pool, "recorder", 5, SOON)
        await fill(log, "a", 1)
        stalled.go_on.set()
        await wait_for(pool, "recorder", 6, SOON)
    assert stalled.batches == [[1, 2, 3, 4, 5], [6]]
    assert await effects(pool) == [1, 2, 3, 4, 5, 6]


async def test_many_twins_have_the_effect_of_one(installed_url: str) -> None:
    async with connect(installed_url, "tests", size=12) as pool:
        async with running(pool, *(Recorder() for _ in range(4)), batch=3):
            for _ in range(10):
                await fill(Log(pool), "a", 6)
            await wait_for(pool, "recorder", 60, SOON)
        assert await effects(pool) == list(range(1, 61))


async def test_a_batch_that_fails_leaves_nothing_and_comes_again(pool: asyncpg.Pool, log: Log) -> None:
    await fill(log, "a", 3)
    failing = Failing()
    async with running(pool, failing):
        await wait_for(pool, "recorder", 3, SOON)
    assert failing.batches == [[1, 2, 3]] * 3
    assert await effects(pool) == [1, 2, 3]


async def test_a_connection_cut_in_the_middle_of_a_batch(
    installed_url: str, pool: asyncpg.Pool, log: Log
) -> None:
    await fill(log, "a", 3)
    stalling = Stalling()
    url = urlsplit(installed_url)
    async with tcp_proxy(url.hostname or "", url.port or 0) as proxy:
        proxied = installed_url.replace(f":{url.port}/", f":{proxy.port}/")
        async with connect(proxied, "tests") as cuttable, running(cuttable, stalling):
            await stalling.stalled.wait()
            proxy.cut()
            stalling.go_on.set()
            await wait_for(pool, "recorder", 3, SOON)
    assert await effects(pool) == [1, 2, 3]


async def test_a_connection_that_hangs_is_given_up(
    installed_url: str, pool: asyncpg.Pool, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("events.store.database.STATEMENT_SECONDS", 0.3)
    monkeypatch.setattr("events.store.database.CONNECT_SECONDS", 0.3)
    url = urlsplit(installed_url)
    async with tcp_proxy(url.hostname or "", url.port or 0) as proxy:
        proxied = installed_url.replace(f":{url.port}/", f":{proxy.port}/")
        async with connect(proxied, "tests") as hanging, running(hanging, Recorder(), poll_seconds=0.1):
            await wait_for_creation(pool)
            proxy.pause()
            await fill(log, "a", 3)
            with pytest.raises(TimeoutError):
                await wait_for(pool, "recorder", 3, 1)
            proxy.resume()
            await wait_for(pool, "recorder", 3, SOON)
    assert await effects(pool) == [1, 2, 3]


async def test_a_restart_of_the_database_is_survived(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path)
    await server.start()
    await upgrade(server.url())
    await create_effects(server.url())
    try:
        async with connect(server.url(), "tests") as pool, running(pool, Recorder(), poll_seconds=0.1):
            await fill(Log(pool), "a", 2)
            await wait_for(pool, "recorder", 2, SOON)
            await server.stop()
            await server.start()
            await fill(Log(pool), "a", 2)
            await wait_for(pool, "recorder", 4, SOON)
            assert await effects(pool) == [1, 2, 3, 4]
    finally:
        await server.stop()


async def test_the_subscribers_role_suffices(installed_url: str, pool: asyncpg.Pool, log: Log) -> None:
    await create_login(installed_url, "test_recorder", "secret", "storky_subscriber")
    await pool.execute(
        "GRANT INSERT ON effects TO test_recorder; GRANT USAGE ON effects_number_seq TO test_recorder"
    )
    await fill(log, "a", 2)
    url = f"postgresql://test_recorder:secret@{installed_url.partition('@')[2]}"
    async with connect(url, "tests") as own, running(own, Recorder()):
        await wait_for(own, "recorder", 2, SOON)
