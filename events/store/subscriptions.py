"""Read the log in order, from a checkpoint, for ever.

A subscriber's writes and its checkpoint are one transaction, and the checkpoint moves only from where this
process read it. So each event takes effect in the database exactly once, also while two processes run one
subscription, or one of them wakes up late. Effects elsewhere (a message sent) happen at least once.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NoReturn, Protocol

import anyio
import asyncpg
import structlog

from events.store.archive.reader import Archive
from events.store.archive.whole import next_rows
from events.store.chain import Row
from events.store.database import session
from events.store.errors import translated
from events.store.log import CHANNEL
from events.store.records import RecordedEvent
from events.store.statements import statement
from events.tracing import traced

_FIRST_DELAY, _LONGEST_DELAY = 0.1, 10.0  # seconds before trying again after a failure
_LOOK_AGAIN = 0.02  # seconds

log = structlog.get_logger()


class Subscriber(Protocol):
    """Somebody who follows the log."""

    name: str

    async def handle(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        """Take the next events, in order. What is written through `connection` commits with the checkpoint.

        Any error rolls the batch back and the same events come again; but a FaultError ends the subscription.
        """


class FaultError(Exception):
    """The subscriber cannot handle this event, and could not if it came again.

    `before` events of the same batch came before it; `error` is the type of what was raised.
    """

    def __init__(self, subscription: str, event: RecordedEvent, before: int, error: str) -> None:
        super().__init__(f"{subscription} cannot handle {event.type} at {event.position}: {error}")
        self.subscription, self.event, self.before, self.error = subscription, event, before, error


class CheckpointMovedError(Exception):
    """Another process runs the same subscription and was faster; what was done here is rolled back."""


async def run(
    pool: asyncpg.Pool,
    subscriber: Subscriber,
    *,
    batch: int = 500,
    poll_seconds: float = 1.0,
    archive: Archive | None = None,
) -> NoReturn:
    """Hand the log to the subscriber until cancelled, at most `batch` events at a time.

    `archive` is for one that may begin late: what was archived is handled by all that had begun.

    A failure, of the database or of the subscriber, is logged and tried again after a growing delay. The log
    is looked at on every notification, and every `poll_seconds` in case one was missed. One connection of the
    pool is kept all the time. Raises FaultError, after what comes before that event has been handled.
    """
    delay = _FIRST_DELAY
    while True:
        started = anyio.current_time()
        try:
            await _follow(pool, subscriber, batch, poll_seconds, archive)
        except FaultError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, the subscription goes on
            if anyio.current_time() - started > _LONGEST_DELAY:
                delay = _FIRST_DELAY
            log.error(  # noqa: TRY400 - the text of an error may quote what nobody may keep
                "subscription interrupted",
                action="subscription_retry",
                subscription=subscriber.name,
                retry_seconds=delay,
                **traced(error),
            )
        await anyio.sleep(delay)
        delay = min(delay * 2, _LONGEST_DELAY)


async def checkpoint(pool: asyncpg.Pool, name: str) -> int:
    """Return the position up to which a subscription has handled the log; raises LogUnavailableError."""
    with translated():
        async with session(pool) as connection:
            return await _read_checkpoint(connection, name) or 0


async def wait_for(pool: asyncpg.Pool, name: str, position: int, timeout_seconds: float) -> None:
    """Return when a subscription has handled the log up to `position`.

    Raises TimeoutError, and LogUnavailableError.
    """
    with anyio.fail_after(timeout_seconds):
        while await checkpoint(pool, name) < position:
            await anyio.sleep(_LOOK_AGAIN)


async def read_handled(
    connection: asyncpg.Connection, name: str, after: Mapping[str, int], limit: int
) -> list[RecordedEvent]:
    """Return, in order, at most `limit` events of some streams that a subscription has handled.

    `after` names the streams, and of each the version after which to begin.
    """
    rows = await connection.fetch(statement("read_handled"), list(after), list(after.values()), name, limit)
    return [RecordedEvent.of(Row(*row)) for row in rows]


async def _follow(
    pool: asyncpg.Pool, subscriber: Subscriber, batch: int, poll_seconds: float, archive: Archive | None
) -> NoReturn:
    hint = Hint()
    # One connection for listening and for reading: when it breaks, both notice.
    async with session(pool) as connection, listening(connection, hint):
        while True:
            if not await advance(connection, subscriber, batch, archive):
                await hint.wait(poll_seconds)


async def advance(
    connection: asyncpg.Connection, subscriber: Subscriber, batch: int, archive: Archive | None = None
) -> bool:
    """Handle the next batch, in a transaction. Return whether there may be more to do at once.

    Raises FaultError, after what comes before that event has been handled, ArchiveAwayError for events that
    are in no archive that is given, and what the driver raises.
    """
    try:
        async with connection.transaction(isolation="read_committed"):
            return await _handle_next(connection, subscriber, batch, archive)
    except CheckpointMovedError:
        log.info("somebody else was faster", action="checkpoint_moved", subscription=subscriber.name)
        return True
    except FaultError as fault:
        position = await _read_checkpoint(connection, subscriber.name) or 0
        if position >= fault.event.position:  # a twin had handled it, which may have been all that was wrong
            return True
        if fault.before:
            await advance(connection, subscriber, fault.before)
        raise


async def _handle_next(
    connection: asyncpg.Connection, subscriber: Subscriber, batch: int, archive: Archive | None
) -> bool:
    before = await _read_checkpoint(connection, subscriber.name)
    if before is None:
        await connection.execute(statement("create_checkpoint"), subscriber.name)
        return True
    rows = await next_rows(connection, before, batch, archive)
    if rows:
        await subscriber.handle(connection, [RecordedEvent.of(row) for row in rows])
        position = rows[-1].position
        if not await connection.fetchval(statement("move_checkpoint"), subscriber.name, before, position):
            raise CheckpointMovedError
    return len(rows) == batch


async def _read_checkpoint(connection: asyncpg.Connection, name: str) -> int | None:
    position: int | None = await connection.fetchval(statement("read_checkpoint"), name)
    return position


class Hint:
    """Remembers that the log has grown since it was last looked at."""

    def __init__(self) -> None:
        self._event = anyio.Event()

    def __call__(self, *_: object) -> None:
        """Remember it; asyncpg delivers a notification so."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Return when there is a notification, at the latest after this time."""
        with anyio.move_on_after(seconds):
            await self._event.wait()
        self._event = anyio.Event()


@asynccontextmanager
async def listening(connection: asyncpg.Connection, hint: Hint) -> AsyncIterator[None]:
    """Give the hint at every notification of the log while the block runs."""
    await connection.add_listener(CHANNEL, hint)
    try:
        yield
    finally:
        with anyio.move_on_after(1):  # a connection that hangs is closed by the pool
            await connection.remove_listener(CHANNEL, hint)
