"""Backups of an addon's data. A backup's status is that of the operation that makes it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.region.state.database import Connection, Executor
from services.region.state.operations import Status
from services.region.state.statements import load

SQL = load("backups")


@dataclass(frozen=True)
class Backup:
    """A backup; digest and size are known when it is done."""

    id: str
    addon_id: str
    operation_id: str
    digest: str | None
    size_bytes: int
    created_at: datetime
    status: Status


async def insert(connection: Connection, backup_id: str, addon_id: str, operation_id: str) -> None:
    """Add a backup that an operation is to make."""
    await connection.execute(SQL["insert"], backup_id, addon_id, operation_id)


async def find(connection: Executor, addon_id: str, backup_id: str) -> Backup | None:
    """Return a backup of an addon."""
    row = await connection.fetchrow(SQL["find"], addon_id, backup_id)
    return Backup(**row) if row else None


async def every(connection: Executor, addon_id: str) -> list[Backup]:
    """Return an addon's backups, newest first."""
    return [Backup(**row) for row in await connection.fetch(SQL["every"], addon_id)]


async def set_archive(connection: Connection, backup_id: str, digest: str, size_bytes: int) -> None:
    """Record what the backup's archive is."""
    await connection.execute(SQL["set_archive"], backup_id, digest, size_bytes)


async def withdraw(connection: Connection, app_id: str, migration_id: UUID) -> None:
    """Remove the backups that a migration has made of the app's addons: its owner has not asked for them."""
    await connection.execute(SQL["withdraw"], app_id, migration_id)
