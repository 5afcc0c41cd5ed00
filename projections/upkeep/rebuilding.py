"""Fill a new build beside the live one, from the log's beginning, and put it in its place."""

from collections.abc import Callable
from pathlib import Path

import anyio
import asyncpg

from events.store.archive import Archive
from events.store.database import session
from events.store.errors import translated
from events.store.subscriptions import advance, checkpoint
from projections.upkeep import builds
from projections.upkeep.filling import Next
from projections.upkeep.projection import Projection
from projections.upkeep.statements import statement

BATCH = 1000  # events in a transaction
_PAUSE = 2.0  # seconds before trying again to go live

Tell = Callable[[int], None]


async def rebuild(
    pool: asyncpg.Pool,
    projection: Projection,
    tell: Tell = lambda _: None,
    archives: Path | None = None,
) -> None:
    """Build the projection anew while the live build is followed and read; return when the new one is live.

    What an interrupted rebuild has done is not done again. `tell` is given each position that is reached;
    `archives` is the folder of what was archived.
    Raises ProjectionError, FaultError and LogUnavailableError; whatever happens, the live build goes on.
    """
    with translated():
        async with session(pool) as connection:
            await _rebuild(pool, connection, projection, tell, Archive(archives))


async def _rebuild(
    pool: asyncpg.Pool, connection: asyncpg.Connection, projection: Projection, tell: Tell, archive: Archive
) -> None:
    if not await connection.fetchval(statement("try_rebuild_lock"), projection.name):
        raise builds.ProjectionError(f"{projection.name} is being rebuilt already, by another process.")
    build = await builds.begin(connection, projection)
    following = Next(projection, build)
    while True:
        while await advance(connection, following, BATCH, archive):
            tell(await checkpoint(pool, following.name))
        try:
            return await _go_live(connection, projection.name, build, following)
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):  # a reader takes long
            await anyio.sleep(_PAUSE)


async def _go_live(connection: asyncpg.Connection, name: str, build: int, following: Next) -> None:
    async with connection.transaction(isolation="read_committed"):
        await builds.stand_still(connection, name)
        while await advance(connection, following, BATCH):
            pass  # what came meanwhile: nobody who has seen an event's effect may miss it afterwards
        await builds.go_live(connection, name, build)
