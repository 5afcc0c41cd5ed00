"""From the log to deliveries: a row for each event and each endpoint that wants it."""

from collections.abc import Iterator, Sequence

import anyio
import asyncpg
import structlog

from events.bus.keys import matches
from events.publication import envelope, routing_key
from events.store import LogUnavailableError, RecordedEvent
from events.store.archive import Archive
from events.store.database import session
from events.store.errors import translated
from events.store.subscriptions import run
from services.webhooks.statements import statement

_AGAIN = 1.0  # seconds

Row = tuple[object, ...]

log = structlog.get_logger()


async def record(pool: asyncpg.Pool, archive: Archive) -> None:
    """Record what is to be delivered, until cancelled."""
    while not await _has_begun(pool):
        await anyio.sleep(_AGAIN)
    await run(pool, Recorder(), archive=archive)


class Recorder:
    """A subscriber whose rows commit with its checkpoint: each event once, for each endpoint."""

    name = "webhooks"

    async def handle(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        """Record what is to be delivered of these events."""
        endpoints = await connection.fetch(statement("read_endpoints"))
        if endpoints:
            rows = [row for event in events for row in _deliveries(event, endpoints)]
            await connection.executemany(statement("insert_delivery"), rows)


async def _has_begun(pool: asyncpg.Pool) -> bool:
    try:
        with translated():
            async with session(pool) as connection:
                await connection.execute(statement("begin"), Recorder.name)
    except LogUnavailableError as error:
        log.warning("not begun yet", action="webhook_retry", error=type(error).__name__)
        return False
    return True


def _deliveries(event: RecordedEvent, endpoints: Sequence[asyncpg.Record]) -> Iterator[Row]:
    fact = event.decode()
    key, message = routing_key(fact), envelope(event, fact)
    for endpoint in endpoints:
        wanted = any(matches(pattern, key) for pattern in endpoint["subscriptions"])
        if wanted and event.position > endpoint["since"]:
            yield endpoint["name"], event.id, event.position, event.type, message.to_bytes()
