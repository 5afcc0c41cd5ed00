"""How fast the log is here: `python benchmarks/log.py`. Starts a private PostgreSQL, prints medians."""

import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID, uuid4

import anyio
import asyncpg

from events.store import Accepted, Append, Appender, Log, Metadata, NewEvent, StreamWrite, connect, verify
from events.store.schema import upgrade
from local.postgres import PostgresServer

WRITERS = 32
APPENDS_EACH = 100
ROUNDS = 5
DATA = '{"migration_id": "00000000-0000-0000-0000-000000000000", "note": "' + "x" * 200 + '"}'
METADATA = Metadata(actor="benchmark", correlation_id=UUID(int=0), causation_id=UUID(int=0))


async def main() -> None:
    """Measure appending, reading and verifying."""
    with tempfile.TemporaryDirectory() as directory:
        server = PostgresServer(Path(directory))
        await server.start()
        try:
            await upgrade(server.url())
            async with connect(server.url(), "benchmark") as pool:
                await measure_all(pool)
        finally:
            await server.stop()


async def measure_all(pool: asyncpg.Pool) -> None:
    """Print one line for each measure."""
    log = Log(pool)
    async with Appender(log) as appender:
        appends = WRITERS * APPENDS_EACH
        await report(f"appends/s, {WRITERS} writers", lambda: append_concurrently(appender), appends)
    head = await log.head()
    await report("rows/s read in order", lambda: read_everything(log), head)
    await report("rows/s verified", lambda: verify(pool), head)


async def report(name: str, action: Callable[[], Awaitable[object]], amount: int) -> None:
    """Run the action a few times and print the median rate."""
    rates = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        await action()
        rates.append(amount / (time.perf_counter() - started))
    print(f"{statistics.median(rates):>10,.0f} {name}  (of {', '.join(f'{rate:,.0f}' for rate in rates)})")


async def append_concurrently(appender: Appender) -> None:
    """Have every writer append one event after the other to a stream of its own."""
    async with anyio.create_task_group() as tasks:
        for _ in range(WRITERS):
            tasks.start_soon(append_one_by_one, appender, str(uuid4()))


async def append_one_by_one(appender: Appender, stream: str) -> None:
    """Append as a service does: each time knowing the version it decided on."""
    for version in range(APPENDS_EACH):
        event = NewEvent(uuid4(), "Benchmarked", 1, DATA, METADATA)
        await appender.append(Append(uuid4(), Accepted(stream), (StreamWrite(stream, version, (event,)),)))


async def read_everything(log: Log) -> None:
    """Read the log from its beginning, as a rebuild does."""
    position = 0
    while events := await log.read_all(position, 500):
        position = events[-1].position


if __name__ == "__main__":
    anyio.run(main)
