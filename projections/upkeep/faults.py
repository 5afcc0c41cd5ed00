"""Where subscriptions stopped: recorded until somebody has them go on."""

import asyncpg

from events.store.database import session
from events.store.errors import translated
from events.store.subscriptions import FaultError
from projections.upkeep.statements import statement


async def record(pool: asyncpg.Pool, fault: FaultError) -> None:
    """Record the event and the error's class, nothing of its data; raises LogUnavailableError."""
    event = fault.event
    with translated():
        async with session(pool) as connection:
            await connection.execute(
                statement("record_fault"),
                fault.subscription,
                event.position,
                event.id,
                event.type,
                fault.error,
            )


async def clear(pool: asyncpg.Pool, name: str) -> int:
    """Have a projection go on, all its builds; return how many had stopped. Raises LogUnavailableError."""
    with translated():
        async with session(pool) as connection:
            return len(await connection.fetch(statement("clear_faults"), name))


async def stands(pool: asyncpg.Pool, subscription: str) -> bool:
    """Return whether it has stopped, and nobody has had it go on; raises LogUnavailableError."""
    with translated():
        async with session(pool) as connection:
            return await connection.fetchval(statement("read_fault"), subscription) is not None
