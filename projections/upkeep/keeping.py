"""What the projector does for each projection, for ever."""

from pathlib import Path
from typing import NoReturn

import anyio
import asyncpg
import structlog

from events.store import LogUnavailableError
from events.store.database import session
from events.store.subscriptions import FaultError, run
from events.tracing import traced
from projections.upkeep import builds, faults
from projections.upkeep.filling import Live
from projections.upkeep.projection import Projection
from projections.upkeep.rebuilding import rebuild

_AGAIN = 1.0  # seconds before another try, and between two looks at whether to go on

log = structlog.get_logger()


async def keep(pool: asyncpg.Pool, projection: Projection, archives: Path | None = None) -> NoReturn:
    """Keep a projection up to the log until cancelled; `archives` is the folder of what was archived.

    It is installed if it is new, and rebuilt if the live rows are an older version's. An event that it cannot
    handle stops it, which is recorded; it goes on when an operator has it go on, or at the next start.
    """
    while True:
        try:
            await faults.clear(pool, projection.name)
            await _bring_up(pool, projection, archives)
            await run(pool, Live(projection))
        except FaultError as fault:
            await _stop(pool, fault)
        except Exception as error:  # noqa: BLE001 - whatever it was, the projection goes on
            log.error(  # noqa: TRY400 - the text of an error may quote what nobody may keep
                "projection not up yet",
                action="projection_retry",
                projection=projection.name,
                **traced(error),
            )
            await anyio.sleep(_AGAIN)


async def _bring_up(pool: asyncpg.Pool, projection: Projection, archives: Path | None) -> None:
    async with session(pool) as connection:
        now = await builds.install(connection, projection)
    if now.version < projection.version:
        log.info("rebuilding", action="rebuild", projection=projection.name, version=projection.version)
        await rebuild(pool, projection, archives=archives)
        log.info("rebuilt", action="rebuilt", projection=projection.name, version=projection.version)


async def _stop(pool: asyncpg.Pool, fault: FaultError) -> None:
    """Record the fault, and return when the projection shall go on."""
    event = fault.event
    log.error(
        "projection stopped by an event",
        action="projection_fault",
        subscription=fault.subscription,
        position=event.position,
        event_id=str(event.id),
        type=event.type,
        **traced(fault.__cause__ or fault),
    )
    try:
        await faults.record(pool, fault)
        while await faults.stands(pool, fault.subscription):
            await anyio.sleep(_AGAIN)
    except LogUnavailableError:  # as after a restart: the same event tells whether it can be handled now
        await anyio.sleep(_AGAIN)
