"""The remembered successes of service calls."""

from dataclasses import dataclass, field
from uuid import UUID

from services.region.state.database import Connection
from services.region.state.statements import load

SQL = load("remembered")


@dataclass(frozen=True)
class Remembered:
    """What was asked (as a digest) and what was answered."""

    request: str
    status: int
    body: bytes = field(repr=False)
    location: str | None


async def lock(connection: Connection, migration_id: UUID, key: str) -> None:
    """Let no other call of this key in before the transaction ends."""
    await connection.execute(SQL["lock"], migration_id, key)


async def find(connection: Connection, migration_id: UUID, key: str) -> Remembered | None:
    """Return what is remembered under a key."""
    row = await connection.fetchrow(SQL["find"], migration_id, key)
    return Remembered(**row) if row else None


async def insert(connection: Connection, migration_id: UUID, key: str, call: Remembered) -> None:
    """Remember a success."""
    values = (migration_id, key, call.request, call.status, call.body, call.location)
    await connection.execute(SQL["insert"], *values)


async def forget_bodies(connection: Connection, migration_id: UUID) -> None:
    """Keep only that the migration's calls succeeded: what they answered may hold the values of variables."""
    await connection.execute(SQL["forget_bodies"], migration_id)
