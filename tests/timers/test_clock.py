"""The time after a migration; only the clock's hands are ours."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import anyio
import pytest
import structlog
from structlog.typing import EventDict

from events import bus, store
from services.timers.clock import BATCH, PATIENCE, Clock
from tests.tcp_proxy import TcpProxy, tcp_proxy
from tests.timers.conftest import After

pytestmark = pytest.mark.anyio

DAY = 24 * 3600
REMINDERS = (7 * DAY, DAY)
OPEN = """
INSERT INTO projections.timers_handovers (migration_id, expires_at, done_at)
SELECT gen_random_uuid(), $1, $1::timestamptz - interval '30 days' FROM generate_series(1, $2)
"""


@asynccontextmanager
async def clock(after: After, **ports: int) -> AsyncIterator[Clock]:
    """Yield a clock that may do what the service may; the ports are those of proxies."""
    database = urlsplit(after.database_url)._replace(query="role=storky_viewer").geturl()
    if "database" in ports:
        database = database.replace(f":{urlsplit(database).port}/", f":{ports['database']}/")
    brokers = after.broker.urls("storky-timers", port=ports.get("broker"))
    async with (
        store.connect(database, "timers", size=1) as pool,
        bus.connect(brokers, "timers", timeout_seconds=5) as broker,
    ):
        yield Clock(pool, broker, REMINDERS)


async def test_each_thing_is_told_once_whoever_tells_it(after: After) -> None:
    timers = (*REMINDERS, 0)
    async with clock(after) as one, clock(after) as other:
        for number, seconds in enumerate(timers, start=1):
            now = after.end - timedelta(seconds=seconds)
            await one.look(now - timedelta(seconds=1))
            async with anyio.create_task_group() as both:
                both.start_soon(one.look, now)
                both.start_soon(other.look, now)
            await after.until_told(*timers[:number])
    async with clock(after) as restarted:
        with structlog.testing.capture_logs() as logs:
            await restarted.look(after.end + PATIENCE)
    assert _commands(logs) == 0


async def test_what_came_due_while_broker_and_database_were_away_is_told_when_they_are_back(
    after: After,
) -> None:
    postgres = urlsplit(after.database_url)
    async with (
        tcp_proxy("127.0.0.1", after.broker.port) as broker,
        tcp_proxy(str(postgres.hostname), int(postgres.port or 0)) as database,
        clock(after, broker=broker.port, database=database.port) as clock_behind,
        anyio.create_task_group() as group,
    ):
        with structlog.testing.capture_logs() as logs:
            broker.pause()
            group.start_soon(clock_behind.run, 0.02)
            await after.pool.execute("UPDATE projections.timers_handovers SET expires_at = now()")
            await _until_failed(logs, "BusUnavailableError")
            await _cut_until_failed(database, logs)
            broker.resume()
            await after.until_told(0)
        group.cancel_scope.cancel()


async def test_many_are_told_in_batches_and_what_has_no_effect_is_not_told_all_the_time(after: After) -> None:
    await after.pool.execute(OPEN, after.end, BATCH + 20)
    async with clock(after) as patient:
        told = []
        for now in (after.end, after.end, after.end, after.end + PATIENCE):
            with structlog.testing.capture_logs() as logs:
                await patient.look(now)
            told.append(_commands(logs))
            await after.until_told(0)
    # One of them is a real migration's; nobody knows the others, so their commands are refused.
    assert told == [BATCH, 21, 0, BATCH]


def _commands(logs: list[EventDict]) -> int:
    return sum(line.get("action") == "timer_due" for line in logs)


async def _until_failed(logs: list[EventDict], error: str) -> None:
    with anyio.fail_after(30):
        while not any(line.get("error") == error for line in logs):
            await anyio.sleep(0.02)


async def _cut_until_failed(database: TcpProxy, logs: list[EventDict]) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(_cut_for_ever, database)
        await _until_failed(logs, "LogUnavailableError")
        group.cancel_scope.cancel()


async def _cut_for_ever(proxy: TcpProxy) -> None:
    while True:
        proxy.cut()
        await anyio.sleep(0.001)
