"""From events to the rows of the status read model: the fold, kept in tables."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from uuid import UUID

import asyncpg

from events.store import RecordedEvent
from projections.status.fold import Tasks, evolve
from projections.status.memory import Memory
from projections.status.model import MigrationStatus, TaskStatus
from projections.status.rows import Row, migration_row, task_row
from projections.status.statements import statement
from projections.upkeep.projection import Projection

STREAMS = "migration/"  # what the names of the migrations' streams begin with

Known = Mapping[UUID, MigrationStatus]

_memory = Memory()


async def handle(connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
    """Fold the events into what the rows say, and write what has changed."""
    own = [(_migration(event), event) for event in events if event.stream.startswith(STREAMS)]
    if not own:
        return
    before = await _memory.load(connection, {migration for migration, _ in own})
    after = dict(before)
    for migration, event in own:
        after[migration] = evolve(after.get(migration), event)
    await _write(connection, before, after)
    _memory.keep(after.values())


STATUS = Projection(
    name="status",
    version=2,  # 1 was the time before builds
    tables=(Path(__file__).parent / "tables.sql").read_text(encoding="utf-8"),
    handle=handle,
)


def _migration(event: RecordedEvent) -> UUID:
    return UUID(event.stream.removeprefix(STREAMS))


async def _write(connection: asyncpg.Connection, before: Known, after: Known) -> None:
    changed: list[Row] = []
    dropped: list[UUID] = []
    for migration, status in after.items():
        old = before[migration].tasks if migration in before else ()
        changed += [task_row(migration, task) for task in _without(status.tasks, old)]
        dropped += _gone(old, status.tasks)
    await _execute(connection, "put_migrations", [migration_row(status) for status in after.values()])
    await _execute(connection, "put_tasks", changed)
    if dropped:
        await connection.execute(statement("drop_tasks"), dropped)


async def _execute(connection: asyncpg.Connection, name: str, rows: Collection[Row]) -> None:
    """Execute a statement whose parameters are the columns of the rows."""
    if rows:
        await connection.execute(statement(name), *zip(*rows, strict=True))


# The fold keeps the objects of what has not changed, which is the fastest way to find what has.


def _without(tasks: Tasks, others: Tasks) -> list[TaskStatus]:
    known = {id(task) for task in others}
    return [task for task in tasks if id(task) not in known]


def _gone(old: Tasks, new: Tasks) -> list[UUID]:
    left = {id(task.task_id) for task in new}
    return [task.task_id for task in old if id(task.task_id) not in left]
