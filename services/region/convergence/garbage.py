"""Databases and files that nothing names any more are removed, however often it takes."""

from datetime import timedelta

import anyio

from services.region.failures import report
from services.region.machinery.engines import Engines
from services.region.state import discarded
from services.region.state.database import Pool
from services.region.storage import Storage

UPLOADS_STAY = timedelta(days=1)


async def collect(pool: Pool, engines: Engines, storage: Storage) -> None:
    """Remove what was discarded, and uploads that nobody deployed; what fails is tried again next time."""
    for kind, name in await discarded.every(pool):
        try:
            if kind == "database":
                for engine in engines.values():  # no two have databases of one name
                    await engine.drop(name)
            else:
                await anyio.to_thread.run_sync(storage.remove, name)
            await discarded.gone(pool, kind, name)
        except Exception as error:  # noqa: BLE001 - one that cannot go must not keep the others
            report("collect", error, kind=kind)
    await anyio.to_thread.run_sync(storage.remove_old_sources, UPLOADS_STAY)
