"""Databases and files that nothing names any more are removed, however often it takes."""

import anyio

from services.region.machinery.databases import DatabaseServer
from services.region.state import discarded
from services.region.state.database import Pool
from services.region.storage import Storage


async def collect(pool: Pool, databases: DatabaseServer, storage: Storage) -> None:
    """Remove what was discarded. What is left by an error is tried again the next time."""
    for kind, name in await discarded.every(pool):
        if kind == "database":
            await databases.drop(name)
        else:
            await anyio.to_thread.run_sync(storage.remove, name)
        await discarded.gone(pool, kind, name)
