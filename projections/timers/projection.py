"""From events to the rows of the timers read model."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from events import facts
from events.store import RecordedEvent
from projections.timers.statements import statement


class TimersProjection:
    """A subscriber: its rows change in the transaction that moves its checkpoint."""

    name = "timers"

    async def handle(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        """Apply the events in order."""
        for event in events:
            await self._apply(connection, event.decode(), event.recorded_at)

    async def _apply(self, connection: asyncpg.Connection, fact: facts.Fact, at: datetime) -> None:
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
