"""The status of migrations as rows of tables, and back."""

import json
from collections.abc import Iterable, Sequence
from uuid import UUID

import asyncpg

from events.vocabulary import AppRef
from projections.status.model import MigrationStatus, TaskStatus

Row = tuple[object, ...]


def statuses(rows: Iterable[asyncpg.Record], task_rows: Iterable[asyncpg.Record]) -> list[MigrationStatus]:
    """Return the migrations in the order of their rows, with their tasks in the order of theirs."""
    rows = list(rows)
    tasks: dict[UUID, list[TaskStatus]] = {row["id"]: [] for row in rows}
    for row in task_rows:
        tasks[row["migration_id"]].append(_task(row))
    return [_migration(row, tasks[row["id"]]) for row in rows]


def migration_row(status: MigrationStatus) -> Row:
    """Return the parameters of put_migrations."""
    return (
        *(status.id, status.source.region, status.source.app, status.destination.region),
        *(status.destination.app, status.app_id, status.new_app_id, status.status, status.version),
        *(status.started_at, status.finished_at, status.started_by),
    )


def task_row(migration: UUID, task: TaskStatus) -> Row:
    """Return the parameters of put_tasks."""
    return (
        *(task.task_id, migration, task.step, task.run, task.place, task.name, task.item, task.label),
        *(task.service, task.state, task.skipped, task.started_at, task.finished_at),
        json.dumps([reason.model_dump() for reason in task.reasons]),
        json.dumps(task.result),
    )


def _migration(row: asyncpg.Record, tasks: Sequence[TaskStatus]) -> MigrationStatus:
    return MigrationStatus(
        **row,
        source=AppRef(region=row["source_region"], app=row["source_app"]),
        destination=AppRef(region=row["destination_region"], app=row["destination_app"]),
        tasks=tuple(tasks),
    )


def _task(row: asyncpg.Record) -> TaskStatus:
    written = {"reasons": json.loads(row["reasons"]), "result": json.loads(row["result"])}
    return TaskStatus.model_validate({**row, **written})
