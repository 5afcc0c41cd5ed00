"""Many callers, few transactions, and nobody harmed by anybody else."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import anyio
import asyncpg
import pytest

from events.store import (
    Append,
    Appender,
    Duplicate,
    EventIdTakenError,
    Log,
    LogError,
    LogUnavailableError,
    Outcome,
    StreamWrite,
    VersionConflict,
    connect,
)
from tests.store.samples import WAITING, append, appended, event, until, write
from tests.tcp_proxy import tcp_proxy

pytestmark = pytest.mark.anyio


class Results:
    """Runs appends side by side and keeps what each of them got."""

    def __init__(self, appender: Appender) -> None:
        self._appender = appender
        self.all: dict[int, Outcome | LogError] = {}

    async def run(self, batch: Sequence[Append]) -> None:
        async with anyio.create_task_group() as tasks:
            for number, one in enumerate(batch):
                tasks.start_soon(self.one, number, one)

    async def one(self, number: int, one: Append) -> None:
        try:
            self.all[number] = await self._appender.append(one)
        except LogError as error:
            self.all[number] = error


async def test_concurrent_callers_share_few_transactions(log: Log, pool: asyncpg.Pool) -> None:
    async with Appender(log) as appender:
        results = Results(appender)
        await results.run([append(write(f"s{number}", 0)) for number in range(500)])
    for number, outcome in results.all.items():
        assert isinstance(outcome, Outcome)
        assert appended(outcome).outcome.stream == f"s{number}"
    assert await log.head() == 500
    assert await pool.fetchval("SELECT count(DISTINCT xmin::text) FROM events") <= 10


async def test_each_caller_of_a_group_gets_its_own_outcome(log: Log) -> None:
    one = append(write("a", 0))
    async with Appender(log) as appender:
        results = Results(appender)
        await results.run([one, append(write("a", 0)), one, append(write("b", 0))])
    assert [type(results.all[number]).__name__ for number in range(4)] == [
        *("Appended", "VersionConflict", "Duplicate", "Appended")
    ]
    assert results.all[1] == VersionConflict("a", 0, 1)


async def test_a_taken_event_id_fails_its_caller_only(log: Log) -> None:
    taken = event()
    async with Appender(log) as appender:
        await appender.append(append(StreamWrite("a", 0, (taken,))))
        results = Results(appender)
        await results.run(
            [append(write("b", 0)), append(StreamWrite("a", 1, (taken,))), append(write("c", 0))]
        )
    assert isinstance(results.all[1], EventIdTakenError)
    assert sorted(read.stream for read in await log.read_all(0, 10)) == ["a", "b", "c"]


async def test_a_caller_that_goes_away_does_not_break_the_group(log: Log, pool: asyncpg.Pool) -> None:
    async with Appender(log) as appender, pool.acquire() as blocker, anyio.create_task_group() as tasks:
        results = Results(appender)
        transaction = blocker.transaction()
        await transaction.start()
        await blocker.execute("LOCK TABLE events IN SHARE MODE")
        tasks.start_soon(results.one, 0, append(write("a", 0)))
        async with anyio.create_task_group() as leaving:
            leaving.start_soon(results.one, 1, append(write("b", 0)))
            await until(pool, WAITING)
            leaving.cancel_scope.cancel()
        await transaction.rollback()
    assert list(results.all) == [0]
    assert [read.stream for read in await log.read_all(0, 10)] == ["a", "b"]


async def test_what_was_asked_for_before_the_end_is_written(log: Log) -> None:
    async with anyio.create_task_group() as tasks, Appender(log) as appender:
        results = Results(appender)
        tasks.start_soon(results.one, 0, append(write("a", 0)))
        await anyio.wait_all_tasks_blocked()
    appended(results.all[0])  # type: ignore[arg-type]
    with pytest.raises(LogUnavailableError, match="closed"):
        await appender.append(append(write("b", 0)))


async def test_an_appender_that_is_cancelled_tells_its_callers(log: Log, pool: asyncpg.Pool) -> None:
    async with pool.acquire() as blocker, blocker.transaction(), anyio.create_task_group() as callers:
        await blocker.execute("LOCK TABLE events IN SHARE MODE")
        async with anyio.create_task_group() as service, Appender(log) as appender:
            results = Results(appender)
            callers.start_soon(results.run, [append(write("a", 0)) for _ in range(3)])
            await until(pool, WAITING)
            service.cancel_scope.cancel()
    assert [type(results.all[number]) for number in range(3)] == [LogUnavailableError] * 3
    assert await log.head() == 0


async def test_a_connection_cut_in_the_middle_is_an_error_for_the_group_and_a_retry_is_safe(
    installed_url: str, pool: asyncpg.Pool, log: Log
) -> None:
    url = urlsplit(installed_url)
    batch = [append(write(f"s{number}", 0)) for number in range(20)]
    async with tcp_proxy(url.hostname or "", url.port or 0) as proxy:
        proxied = installed_url.replace(f":{url.port}/", f":{proxy.port}/")
        async with connect(proxied, "tests") as cuttable, Appender(Log(cuttable)) as appender:
            first, second = Results(appender), Results(appender)
            async with pool.acquire() as blocker, blocker.transaction():
                await blocker.execute("LOCK TABLE events IN SHARE MODE")
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(first.run, batch)
                    await until(pool, WAITING)
                    proxy.cut()
            assert {type(result) for result in first.all.values()} == {LogUnavailableError}
            await second.run(batch)
    assert all(not isinstance(result, LogError) for result in second.all.values())
    assert await log.head() == 20


SLOW_COMMIT = """
    CREATE FUNCTION commit_slowly() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION commit_slowly()
"""


async def test_a_lost_answer_to_the_commit_is_found_again(
    installed_url: str, pool: asyncpg.Pool, log: Log
) -> None:
    await pool.execute(SLOW_COMMIT)
    url = urlsplit(installed_url)
    one = append(write("s", 0))
    async with tcp_proxy(url.hostname or "", url.port or 0) as proxy:
        proxied = installed_url.replace(f":{url.port}/", f":{proxy.port}/")
        async with connect(proxied, "tests") as cuttable, Appender(Log(cuttable)) as appender:
            results = Results(appender)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(results.one, 0, one)
                await until(pool, "wait_event = 'PgSleep'")
                proxy.pause()
                with anyio.fail_after(30):
                    while not await log.head():
                        await anyio.sleep(0.01)
                proxy.cut()
            assert isinstance(results.all[0], LogUnavailableError)
            proxy.resume()
            stored = await log.outcome(one.command_id)
            assert stored
            assert await appender.append(one) == Duplicate(stored)


async def test_a_writer_that_fell_silent_loses_the_lane(
    installed_url: str, pool: asyncpg.Pool, log: Log
) -> None:
    url = urlsplit(installed_url)
    async with tcp_proxy(url.hostname or "", url.port or 0) as proxy:
        proxied = installed_url.replace(f":{url.port}/", f":{proxy.port}/")
        async with connect(proxied, "tests") as silent, anyio.create_task_group() as tasks:
            async with pool.acquire() as blocker, blocker.transaction():
                await blocker.execute("LOCK TABLE events IN SHARE MODE")
                tasks.start_soon(Log(silent).append, [append(write("a", 0))])
                await until(pool, WAITING)
                proxy.pause()
            # The silent writer holds the lane, and will never hear that its insert went through.
            with anyio.fail_after(30):
                appended((await log.append([append(write("b", 0))]))[0])
            proxy.resume()
            tasks.cancel_scope.cancel()
    assert [read.stream for read in await log.read_all(0, 10)] == ["b"]
