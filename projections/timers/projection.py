"""From events to the rows of the timers read model."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import asyncpg

from events import facts
from events.store import RecordedEvent
from projections.timers.statements import statement
from projections.upkeep.projection import Projection


async def handle(connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
    """Apply the events in order."""
    for event in events:
        await _apply(connection, event.decode(), event.recorded_at)


TIMERS = Projection(
    name="timers",
    version=2,  # 1 was the time before builds
    tables=(Path(__file__).parent / "tables.sql").read_text(encoding="utf-8"),
    handle=handle,
)


async def _apply(connection: asyncpg.Connection, fact: facts.Fact, at: datetime) -> None:
    match fact:
        case facts.TaskSucceeded(name="hand-over", result={"expires_at": str(end)}):
            expires_at = datetime.fromisoformat(end)
            await connection.execute(statement("put_handover"), fact.migration_id, expires_at)
        case facts.MigrationDone():
            await connection.execute(statement("open_handover"), fact.migration_id, at)
        case facts.HandoverExpiring():
            seconds = fact.remaining_seconds
            await connection.execute(statement("tell_handover"), fact.migration_id, seconds)
        case facts.HandoverExpired():
            await connection.execute(statement("tell_handover"), fact.migration_id, 0)
