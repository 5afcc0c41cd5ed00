"""How much an addon's data take up."""

import anyio
import asyncpg

from services.region.region import Region
from services.region.state.addons import Addon

_PATIENCE = 5  # seconds


async def size(region: Region, addon: Addon) -> int | None:
    """Return the bytes; None without data, before it is provisioned, and while its server does not answer."""
    engine = region.engine(addon)
    if engine is None or addon.status != "running":
        return None
    with anyio.move_on_after(_PATIENCE):
        try:
            return await engine.size(addon.database)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return None
    return None
