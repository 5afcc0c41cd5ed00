"""Appends as short as a test can say them."""

from uuid import UUID, uuid4

import anyio
import asyncpg

from events.store import Accepted, Append, Appended, Log, Metadata, NewEvent, Outcome, StreamWrite

METADATA = Metadata(
    actor="platform", correlation_id=UUID(int=1), causation_id=UUID(int=2), on_behalf_of="user-1"
)


def event(data: str = "{}") -> NewEvent:
    return NewEvent(uuid4(), "Happened", 1, data, METADATA)


def write(stream: str, expected: int | None = None, count: int = 1) -> StreamWrite:
    return StreamWrite(stream, expected, tuple(event() for _ in range(count)))


def append(*writes: StreamWrite, command_id: UUID | None = None) -> Append:
    return Append(command_id or uuid4(), Accepted(writes[0].stream), writes)


def appended(outcome: Outcome) -> Appended:
    assert isinstance(outcome, Appended), outcome
    return outcome


async def fill(log: Log, stream: str, count: int) -> None:
    """Append `count` events, one command each."""
    for outcome in await log.append([append(write(stream)) for _ in range(count)]):
        appended(outcome)


WAITING = "wait_event_type = 'Lock'"


async def until(pool: asyncpg.Pool, condition: str) -> None:
    """Return when a session of this database is in the state that the condition describes."""
    query = f"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND {condition}"  # noqa: S608
    with anyio.fail_after(30):
        while not await pool.fetchval(query):
            await anyio.sleep(0.01)
