"""Questions to the status read model."""

import json
from collections.abc import Collection, Iterable
from uuid import UUID

import asyncpg

from events.failures import Reason, messages
from events.vocabulary import AppRef
from projections.status.model import MigrationStatus, TaskStatus, Timing
from projections.status.statements import statement

TIMINGS = 50  # as many of each name, about: the latest tell most


async def migration(connection: asyncpg.Connection, migration_id: UUID) -> MigrationStatus | None:
    """Return one migration, or None if there is none with this id."""
    row = await connection.fetchrow(statement("select_migration"), migration_id)
    return (await _with_tasks(connection, [row]))[0] if row else None


async def migrations(connection: asyncpg.Connection, region: str, app: str) -> list[MigrationStatus]:
    """Return the migrations of a source app, newest first."""
    return await _with_tasks(
        connection, await connection.fetch(statement("select_migrations_of_app"), region, app)
    )


async def timings(
    connection: asyncpg.Connection, names: Collection[str], source: str, destination: str
) -> list[Timing]:
    """Return how long tasks of these names took between two regions; for a name without any, others."""
    here = await _timings(connection, names, source, destination)
    elsewhere = set(names) - {timing.name for timing in here}
    return here + (await _timings(connection, elsewhere, None, None) if elsewhere else [])


async def _timings(
    connection: asyncpg.Connection, names: Collection[str], source: str | None, destination: str | None
) -> list[Timing]:
    rows = await connection.fetch(
        statement("select_timings"), list(names), source, destination, TIMINGS * len(names)
    )
    return [Timing(**row) for row in rows]


async def _with_tasks(
    connection: asyncpg.Connection, rows: Iterable[asyncpg.Record]
) -> list[MigrationStatus]:
    rows = list(rows)
    tasks: dict[UUID, list[TaskStatus]] = {row["id"]: [] for row in rows}
    for task in await connection.fetch(statement("select_tasks"), list(tasks)):
        tasks[task["migration_id"]].append(_task(task))
    return [_migration(row, tasks[row["id"]]) for row in rows]


def _migration(row: asyncpg.Record, tasks: list[TaskStatus]) -> MigrationStatus:
    return MigrationStatus(
        **row,
        source=AppRef(region=row["source_region"], app=row["source_app"]),
        destination=AppRef(region=row["destination_region"], app=row["destination_app"]),
        tasks=tasks,
    )


def _task(row: asyncpg.Record) -> TaskStatus:
    text = messages(map(Reason.model_validate, json.loads(row["reasons"])))
    fields = {name: row[name] for name in TaskStatus.model_fields if name not in ("message", "result")}
    return TaskStatus(**fields, message=text, result=json.loads(row["result"]))
