"""Apps, with what their status is derived from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from services.region.state.database import Connection, Executor
from services.region.state.people import Person
from services.region.state.statements import load

SQL = load("apps")

Desired = Literal["started", "stopped"]


@dataclass(frozen=True)
class App:
    """A row of app_states: `busy` is a restart or scale under way, `containers` how many it shall have."""

    id: str
    name: str
    owner: Person
    stack_id: str
    force_https: bool
    sticky_session: bool
    router_logs: bool
    desired: Desired
    build_id: str | None
    made_by: UUID | None
    source_id: str | None
    frozen_by: UUID | None
    inventory: dict[str, Any] | None
    migrated_to: str | None
    created_at: datetime
    updated_at: datetime
    max_image_bytes: int | None
    last_deployed_at: datetime | None
    last_deployed_by: str | None
    busy: str | None
    containers: int


async def insert(
    connection: Connection,
    *,
    app_id: str,
    name: str,
    owner: Person,
    stack_id: str,
    made_by: UUID | None,
    source_id: str | None,
) -> bool:
    """Add an app; returns False, and adds nothing, when the name is taken."""
    tag = await connection.execute(SQL["insert"], app_id, name, owner, stack_id, made_by, source_id)
    return tag.endswith(" 1")


async def lock(connection: Connection, reference: str) -> App | None:
    """Return the app of that name, or else of that id, locked until the transaction ends."""
    app_id = await connection.fetchval(SQL["lock"], reference)
    return await find(connection, app_id) if app_id else None


async def find(connection: Executor, reference: str) -> App | None:
    """Return the app of that name, or else of that id."""
    row = await connection.fetchrow(SQL["find"], reference)
    return App(**row) if row else None


async def every(connection: Executor, user_id: str | None = None) -> list[App]:
    """Return the apps that a user owns or works on, or all, by name."""
    return [App(**row) for row in await connection.fetch(SQL["every"], user_id)]


async def change(
    connection: Connection,
    app_id: str,
    *,
    force_https: bool | None = None,
    sticky_session: bool | None = None,
    router_logs: bool | None = None,
    stack_id: str | None = None,
) -> None:
    """Change the settings that are given."""
    await connection.execute(SQL["change"], app_id, force_https, sticky_session, router_logs, stack_id)


async def set_limits(connection: Connection, app_id: str, max_image_bytes: int | None) -> None:
    """Set how large the app's builds may be; None takes it back to the region's own limit."""
    await connection.execute(SQL["set_limits"], app_id, max_image_bytes)


async def set_desired(connection: Connection, app_id: str, desired: Desired) -> None:
    """Record whether the app shall run: `started` or `stopped`."""
    await connection.execute(SQL["set_desired"], app_id, desired)


async def set_build(connection: Connection, app_id: str, deployment_id: str) -> None:
    """Make a deployment's build the one that the app runs."""
    await connection.execute(SQL["set_build"], app_id, deployment_id)


async def freeze(
    connection: Connection, app_id: str, migration_id: UUID, inventory: dict[str, Any] | None = None
) -> None:
    """Freeze the app for a migration, with the inventory once it is known."""
    await connection.execute(SQL["freeze"], app_id, migration_id, inventory)


async def unfreeze(connection: Connection, app_id: str) -> None:
    """Give the app back to its owner, also when it was marked migrated; what ran then shall run again."""
    await connection.execute(SQL["unfreeze"], app_id)


async def mark_migrated(connection: Connection, app_id: str, migration_id: UUID, destination: str) -> None:
    """Make the app read-only for good; it lives at the destination now."""
    await connection.execute(SQL["mark_migrated"], app_id, migration_id, destination)


async def delete(connection: Connection, app_id: str) -> None:
    """Delete the app and every row that belongs to it."""
    await connection.execute(SQL["delete"], app_id)


async def made_by(connection: Executor, migration_id: UUID) -> list[App]:
    """Return the apps that a migration created."""
    return [App(**row) for row in await connection.fetch(SQL["made_by"], migration_id)]
