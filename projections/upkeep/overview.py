"""How far everybody is who follows the log: for operators."""

import json
from datetime import datetime
from uuid import UUID

import asyncpg
from pydantic import BaseModel

from projections.upkeep.builds import Installed
from projections.upkeep.discovery import discover
from projections.upkeep.statements import statement


class Fault(BaseModel):
    """The event at which a subscription stopped, and the class of the error."""

    position: int
    event_id: UUID
    event_type: str
    error: str
    failed_at: datetime


class Subscription(BaseModel):
    """Somebody who follows the log: the relay, a projection, or a build that is being filled (`name/number`).

    `behind` is in events; `waiting_seconds` is the age of the first one that is not handled yet.
    """

    name: str
    position: int
    behind: int
    waiting_seconds: float | None
    fault: Fault | None


class Known(BaseModel):
    """A projection of this release, with what the database has of it: nothing until the projector has run."""

    name: str
    version: int
    live_version: int | None
    build: int | None
    building: int | None


async def subscriptions(connection: asyncpg.Connection) -> list[Subscription]:
    """Return every subscription there has ever been, by name."""
    rows = await connection.fetch(statement("read_overview"))
    return [Subscription(**{**row, "fault": row["fault"] and json.loads(row["fault"])}) for row in rows]


async def projections(connection: asyncpg.Connection) -> list[Known]:
    """Return the projections of this release, by name."""
    rows = [Installed(*row) for row in await connection.fetch(statement("read_all_installed"))]
    installed = {row.name: row for row in rows}
    return [_known(name, one.version, installed.get(name)) for name, one in sorted(discover().items())]


def _known(name: str, version: int, installed: Installed | None) -> Known:
    if installed is None:
        return Known(name=name, version=version, live_version=None, build=None, building=None)
    return Known(
        name=name,
        version=version,
        live_version=installed.version,
        build=installed.build,
        building=installed.building,
    )
