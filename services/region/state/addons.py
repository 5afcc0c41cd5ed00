"""Addons: what an app has besides its own processes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.region.machinery.engines import Database
from services.region.state.database import Connection, Executor
from services.region.state.statements import load

SQL = load("addons")

Status = Literal["provisioning", "running"]


@dataclass(frozen=True)
class Addon:
    """An addon; `resource_id` is the name of its database, `port` that of a server of its own."""

    id: str
    app_id: str
    provider_id: str
    plan_id: str
    version: str
    status: Status
    resource_id: str
    password: str = field(repr=False)
    made_by: UUID | None
    source_id: str | None
    provisioned_at: datetime
    port: int | None

    @property
    def database(self) -> Database:
        """The addon's database, if its provider keeps data."""
        return Database(self.resource_id, self.password, self.port)


async def insert(
    connection: Connection,
    *,
    addon_id: str,
    app_id: str,
    provider_id: str,
    plan_id: str,
    version: str,
    resource_id: str,
    password: str,
    made_by: UUID | None,
    source_id: str | None,
    port: int | None,
) -> Addon | None:
    """Add an addon that is still to be provisioned; None when the app has one of that provider."""
    row = await connection.fetchrow(
        SQL["insert"],
        *(addon_id, app_id, provider_id, plan_id, version),
        *(resource_id, password, made_by, source_id, port),
    )
    return Addon(**row) if row else None


async def find(connection: Executor, addon_id: str) -> Addon | None:
    """Return an addon."""
    row = await connection.fetchrow(SQL["find"], addon_id)
    return Addon(**row) if row else None


async def every(connection: Executor, app_id: str) -> list[Addon]:
    """Return an app's addons, oldest first."""
    return [Addon(**row) for row in await connection.fetch(SQL["every"], app_id)]


async def running(connection: Executor) -> list[Addon]:
    """Return all addons that are provisioned, oldest first."""
    return [Addon(**row) for row in await connection.fetch(SQL["running"])]


async def ports(connection: Executor) -> set[int]:
    """Return the ports that addons' own servers have."""
    return {row["port"] for row in await connection.fetch(SQL["ports"])}


async def copy_of(connection: Connection, app_id: str, migration_id: UUID, source_id: str) -> Addon | None:
    """Return the addon that a migration made as the copy of another region's."""
    row = await connection.fetchrow(SQL["copy_of"], app_id, migration_id, source_id)
    return Addon(**row) if row else None


async def made_by(connection: Executor, migration_id: UUID) -> list[tuple[Addon, str]]:
    """Return the addons that a migration made, each with the name of its app."""
    rows = [dict(row) for row in await connection.fetch(SQL["made_by"], migration_id)]
    return [(Addon(**row), name) for row in rows if (name := row.pop("app_name"))]


async def set_status(connection: Connection, addon_id: str, status: Status) -> None:
    """Record how far the addon is."""
    await connection.execute(SQL["set_status"], addon_id, status)


async def set_plan(connection: Connection, addon_id: str, plan_id: str) -> None:
    """Move the addon to another plan."""
    await connection.execute(SQL["set_plan"], addon_id, plan_id)


async def delete(connection: Connection, addon_id: str) -> None:
    """Delete the addon, its backups and the variables it provides."""
    await connection.execute(SQL["delete"], addon_id)
