"""From events to the rows of the status read model: the fold, kept in tables."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

import asyncpg

from events.store import RecordedEvent
from projections.status.fold import evolve
from projections.status.model import MigrationStatus, TaskStatus
from projections.status.queries import with_ids
from projections.status.statements import statement

STREAMS = "migration/"  # what the names of the migrations' streams begin with

OwnedTask = tuple[UUID, TaskStatus]  # with its migration's id


class StatusProjection:
    """A subscriber: its rows change in the transaction that moves its checkpoint."""

    name = "status"

    async def handle(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        """Fold the events into what the rows say, and write what has changed."""
        own = [(_migration(event), event) for event in events if event.stream.startswith(STREAMS)]
        if not own:
            return
        before = await with_ids(connection, {migration for migration, _ in own})
        after = dict(before)
        for migration, event in own:
            after[migration] = evolve(after.get(migration), event)
        await _write(connection, before, after)


def _migration(event: RecordedEvent) -> UUID:
    return UUID(event.stream.removeprefix(STREAMS))


async def _write(
    connection: asyncpg.Connection,
    before: Mapping[UUID, MigrationStatus],
    after: Mapping[UUID, MigrationStatus],
) -> None:
    old, new = _tasks(before.values()), _tasks(after.values())
    changed = [
        owned for task_id, owned in new.items() if task_id not in old or old[task_id][1] is not owned[1]
    ]
    await _execute(connection, "put_migrations", [_migration_row(status) for status in after.values()])
    await _execute(connection, "put_tasks", [_task_row(migration, task) for migration, task in changed])
    if dropped := list(old.keys() - new.keys()):
        await connection.execute(statement("drop_tasks"), dropped)


async def _execute(connection: asyncpg.Connection, name: str, rows: Collection[tuple[object, ...]]) -> None:
    """Execute a statement whose parameters are the columns of the rows."""
    if rows:
        await connection.execute(statement(name), *zip(*rows, strict=True))


def _tasks(known: Iterable[MigrationStatus]) -> dict[UUID, OwnedTask]:
    return {task.task_id: (status.id, task) for status in known for task in status.tasks}


def _migration_row(status: MigrationStatus) -> tuple[object, ...]:
    return (
        *(status.id, status.source.region, status.source.app, status.destination.region),
        *(status.destination.app, status.app_id, status.new_app_id, status.status, status.version),
        *(status.started_by, status.started_at, status.finished_at),
    )


def _task_row(migration: UUID, task: TaskStatus) -> tuple[object, ...]:
    return (
        *(task.task_id, migration, task.step, task.run, task.place, task.name, task.item, task.label),
        *(task.service, task.state, task.skipped, task.started_at, task.finished_at),
        json.dumps([reason.model_dump() for reason in task.reasons]),
        json.dumps(task.result),
    )
