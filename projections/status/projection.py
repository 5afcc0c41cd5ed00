"""From events to the rows of the status read model: the fold, kept in tables."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from uuid import UUID

import asyncpg

from events.store import RecordedEvent
from projections.status.fold import evolve
from projections.status.model import MigrationStatus, TaskStatus
from projections.status.rows import Row, migration_row, statuses, task_row
from projections.status.statements import statement
from projections.upkeep.projection import Projection

STREAMS = "migration/"  # what the names of the migrations' streams begin with

Known = Mapping[UUID, MigrationStatus]


async def handle(connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
    """Fold the events into what the rows say, and write what has changed."""
    own = [(_migration(event), event) for event in events if event.stream.startswith(STREAMS)]
    if not own:
        return
    before = await _load(connection, {migration for migration, _ in own})
    after = dict(before)
    for migration, event in own:
        after[migration] = evolve(after.get(migration), event)
    await _write(connection, before, after)


STATUS = Projection(
    name="status",
    version=2,  # 1 was the time before builds
    tables=(Path(__file__).parent / "tables.sql").read_text(encoding="utf-8"),
    handle=handle,
)


def _migration(event: RecordedEvent) -> UUID:
    return UUID(event.stream.removeprefix(STREAMS))


async def _load(connection: asyncpg.Connection, ids: Iterable[UUID]) -> Known:
    rows = await connection.fetch(statement("load_migrations"), list(ids))
    tasks = await connection.fetch(statement("load_tasks"), [row["id"] for row in rows])
    return {status.id: status for status in statuses(rows, tasks)}


async def _write(connection: asyncpg.Connection, before: Known, after: Known) -> None:
    old, new = _tasks(before), _tasks(after)
    changed = [
        task_row(migration, task)
        for task_id, (migration, task) in new.items()
        if task_id not in old or old[task_id][1] is not task
    ]
    await _execute(connection, "put_migrations", [migration_row(status) for status in after.values()])
    await _execute(connection, "put_tasks", changed)
    if dropped := list(old.keys() - new.keys()):
        await connection.execute(statement("drop_tasks"), dropped)


async def _execute(connection: asyncpg.Connection, name: str, rows: Collection[Row]) -> None:
    """Execute a statement whose parameters are the columns of the rows."""
    if rows:
        await connection.execute(statement(name), *zip(*rows, strict=True))


def _tasks(known: Known) -> dict[UUID, tuple[UUID, TaskStatus]]:
    """Return all tasks by their ids, each with its migration's id."""
    return {task.task_id: (status.id, task) for status in known.values() for task in status.tasks}
