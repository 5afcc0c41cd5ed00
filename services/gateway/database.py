"""The gateway's way to the database: an answer in the contract's shape when it is away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from events.store import LogUnavailableError
from events.store.database import session
from events.store.errors import translated
from services.gateway.errors import ApiError, refused


@asynccontextmanager
async def connection_of(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """Yield a connection; raises ApiError (503) when the database does not answer, also inside the block."""
    try:
        with translated():
            async with session(pool) as connection:
                yield connection
    except LogUnavailableError:
        raise database_away() from None


def database_away() -> ApiError:
    """Return the 503 for a database that does not answer."""
    return refused(503, "database_unavailable", "storky's database does not answer; try again later.")
