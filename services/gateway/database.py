"""The gateway's way to the database: an answer in the contract's shape when it is away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import structlog

from events.store import LogUnavailableError
from events.store.archive import ArchiveAwayError
from events.store.database import session
from events.store.errors import translated
from services.gateway.errors import ApiError, refused

log = structlog.get_logger()


@asynccontextmanager
async def connection_of(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """Yield a connection; raises ApiError (503) when the database does not answer, also inside the block."""
    try:
        with translated():
            async with session(pool) as connection:
                yield connection
    except LogUnavailableError:
        raise database_away() from None


def database_away(error: LogUnavailableError | None = None) -> ApiError:
    """Return the 503 for a database that does not answer, or for an archive that cannot be read."""
    if isinstance(error, ArchiveAwayError):
        log.error("archive away", action="archive_away", reason=str(error))
        return refused(503, "archive_unavailable", "Some of this was archived, and cannot be read now.")
    return refused(503, "database_unavailable", "storky's database does not answer; try again later.")
