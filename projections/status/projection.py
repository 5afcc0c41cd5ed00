"""From events to the rows of the status read model."""

import json
from collections.abc import Sequence
from datetime import datetime

import asyncpg

from events import facts
from events.status import ENDED, Status, status_after
from events.store import RecordedEvent
from events.vocabulary import Step
from projections.status.statements import statement


class StatusProjection:
    """A subscriber: its rows change in the transaction that moves its checkpoint."""

    name = "status"

    async def handle(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        """Apply the events in order."""
        for event in events:
            fact = event.decode()
            if isinstance(fact, facts.MigrationFact):
                await self._tasks(connection, fact, event.recorded_at)
                await self._migration(connection, fact, event)

    async def _migration(
        self, connection: asyncpg.Connection, fact: facts.MigrationFact, event: RecordedEvent
    ) -> None:
        if isinstance(fact, facts.MigrationCreated):
            ends = (fact.source.region, fact.source.app, fact.destination.region, fact.destination.app)
            status = status_after(Status.CREATED, fact)
            await connection.execute(
                statement("insert_migration"),
                fact.migration_id,
                *ends,
                status,
                event.version,
                event.recorded_at,
            )
            return
        before = Status(await connection.fetchval(statement("select_status"), fact.migration_id))
        status = status_after(before, fact)
        finished = event.recorded_at if status in ENDED and before not in ENDED else None
        await connection.execute(
            statement("update_migration"), fact.migration_id, status, event.version, finished, *_app_ids(fact)
        )

    async def _tasks(self, connection: asyncpg.Connection, fact: facts.MigrationFact, at: datetime) -> None:
        match fact:
            case facts.StepStarted():
                if fact.step is Step.ABORT:
                    await self._overtake(connection, fact, at)
                await connection.executemany(statement("insert_task"), _rows(fact))
            case facts.TaskRequested():
                await connection.execute(statement("start_task"), fact.task_id, at)
            case facts.TaskSucceeded():
                result = json.dumps(fact.result)
                await connection.execute(
                    statement("finish_task"), fact.task_id, "done", at, fact.skipped, result, "[]"
                )
            case facts.TaskFailed():
                reasons = json.dumps([reason.model_dump() for reason in fact.reasons])
                await connection.execute(
                    statement("finish_task"), fact.task_id, "error", at, False, "{}", reasons
                )
            case facts.StepFailed():
                await connection.execute(statement("drop_waiting_tasks"), fact.migration_id)
            case facts.MigrationAborted():
                await self._overtake(connection, fact, at)

    async def _overtake(
        self, connection: asyncpg.Connection, fact: facts.MigrationFact, at: datetime
    ) -> None:
        await connection.execute(statement("overtake_tasks"), fact.migration_id, at)
        await connection.execute(statement("drop_waiting_tasks"), fact.migration_id)


def _rows(fact: facts.StepStarted) -> list[tuple[object, ...]]:
    return [
        (
            task.task_id,
            fact.migration_id,
            fact.step,
            fact.run,
            place,
            task.name,
            task.item,
            task.label,
            task.service,
        )
        for place, task in enumerate(fact.plan)
    ]


def _app_ids(fact: facts.MigrationFact) -> tuple[str | None, str | None]:
    """Return the ids of the source and of the new app, where this event tells them."""
    if isinstance(fact, facts.TaskSucceeded):
        match fact.name:
            case "freeze-source":
                return fact.result["inventory"]["app_id"], None
            case "create-app":
                return None, fact.result.get("app_id")
    return None, None
