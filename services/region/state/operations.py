"""Operations: work that outlives a request, and the region's process."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from services.region.state.database import Connection, Executor
from services.region.state.statements import load

SQL = load("operations")

Status = Literal["pending", "running", "done", "error"]


@dataclass(frozen=True)
class Operation:
    """An operation; a migration's carry the epoch that asked for them. Arguments may hold a signed URL."""

    position: int
    id: str
    app_id: str
    lane: str
    type: str
    status: Status
    arguments: dict[str, Any] = field(repr=False)
    result: dict[str, Any] | None
    error: str
    code: str
    migration_id: UUID | None
    epoch: int | None
    created_at: datetime
    finished_at: datetime | None


async def insert(
    connection: Connection,
    *,
    operation_id: str,
    app_id: str,
    lane: str,
    kind: str,
    arguments: dict[str, Any],
    migration_id: UUID | None,
    epoch: int | None,
) -> Operation:
    """Add an operation that is pending."""
    values = (operation_id, app_id, lane, kind, arguments, migration_id, epoch)
    row = await connection.fetchrow(SQL["insert"], *values)
    assert row
    return Operation(**row)


async def find(connection: Executor, app_id: str, operation_id: str) -> Operation | None:
    """Return an operation of an app."""
    row = await connection.fetchrow(SQL["find"], app_id, operation_id)
    return Operation(**row) if row else None


async def others_unfinished(connection: Connection, app_id: str, migration_id: UUID) -> list[str]:
    """Return the types of the app's unfinished operations that the migration did not ask for."""
    rows = await connection.fetch(SQL["others_unfinished"], app_id, migration_id)
    return [row["type"] for row in rows]


async def requeue(connection: Executor, running: Iterable[str]) -> None:
    """Make pending again what is said to be running, and is not among these: nobody runs it."""
    await connection.execute(SQL["requeue"], list(running))


async def claim(connection: Executor) -> Operation | None:
    """Take the oldest pending operation whose lane is free and whose epoch is not fenced."""
    row = await connection.fetchrow(SQL["claim"])
    return Operation(**row) if row else None


async def lock_running(connection: Connection, operation_id: str) -> bool:
    """Lock a running operation until the transaction ends; returns False when it runs no more."""
    return bool(await connection.fetchval(SQL["lock_running"], operation_id))


async def succeed(connection: Connection, operation_id: str, result: dict[str, Any]) -> None:
    """End an operation well."""
    await connection.execute(SQL["succeed"], operation_id, result)


async def fail(connection: Executor, operation_id: str, code: str, error: str) -> None:
    """End a running operation badly."""
    await connection.execute(SQL["fail"], operation_id, code, error)


async def abandon(connection: Connection, lane: str) -> None:
    """End the unfinished operations of a lane whose object is deleted."""
    await connection.execute(SQL["abandon"], lane)


async def fence(connection: Executor) -> None:
    """End the unfinished operations of all fenced epochs."""
    await connection.execute(SQL["fence"])
