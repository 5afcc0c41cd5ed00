"""Hand-overs: whose traffic goes to another region, and until when."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.region.state.database import Connection, Executor
from services.region.state.statements import load

SQL = load("handovers")


@dataclass(frozen=True)
class Handover:
    """The traffic of `app_name` goes to `app` in `region`, by way of `front` and under `host`."""

    app_id: str
    migration_id: UUID
    region: str
    app: str
    front: str
    host: str
    expires_at: datetime
    app_name: str


async def put(
    connection: Connection,
    *,
    app_id: str,
    migration_id: UUID,
    region: str,
    app: str,
    front: str,
    host: str,
    expires_at: datetime,
) -> None:
    """Hand an app over, in place of an earlier hand-over."""
    await connection.execute(SQL["put"], app_id, migration_id, region, app, front, host, expires_at)


async def delete(connection: Connection, app_id: str) -> None:
    """End a hand-over, if there is one."""
    await connection.execute(SQL["delete"], app_id)


async def current(connection: Executor) -> list[Handover]:
    """Return the hand-overs that have not expired."""
    return [Handover(**row) for row in await connection.fetch(SQL["current"])]


async def made_by(connection: Executor, migration_id: UUID) -> list[Handover]:
    """Return the hand-overs that a migration made."""
    return [Handover(**row) for row in await connection.fetch(SQL["made_by"], migration_id)]
