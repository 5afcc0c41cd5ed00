"""The highest epoch of each migration.

Whoever commits something for an epoch first excludes raising (shared lock) and then reads the epoch; whoever
raises it excludes all of those. A lock is always a statement of its own: the next one sees what was
committed while we waited.
"""

from uuid import UUID

from services.region.state.database import Connection, Executor
from services.region.state.statements import load

SQL = load("fences")


async def exclude_others(connection: Connection, migration_id: UUID) -> None:
    """Wait for the transactions that are about to commit for this migration, and hold off new ones."""
    await connection.execute(SQL["exclude_others"], migration_id)


async def exclude_raising(connection: Connection, migration_id: UUID) -> None:
    """Keep the epoch as it is until the transaction ends."""
    await connection.execute(SQL["exclude_raising"], migration_id)


async def epoch(connection: Executor, migration_id: UUID) -> int:
    """Return the recorded epoch, 0 for a migration that was never fenced."""
    return int(await connection.fetchval(SQL["epoch"], migration_id) or 0)


async def record(connection: Connection, migration_id: UUID, epoch: int) -> None:
    """Raise the recorded epoch; it never falls."""
    await connection.execute(SQL["record"], migration_id, epoch)
