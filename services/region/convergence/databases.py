"""The engines that the region runs, and the databases of its addons, which run for as long as it does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.region.catalogue import Catalogue
from services.region.failures import report
from services.region.machinery.engines import DatabaseEngine, Engines
from services.region.machinery.postgres_engine import PostgresEngine
from services.region.machinery.processes import ContainerSupervisor
from services.region.machinery.redis_engine import RedisEngine
from services.region.settings import Settings
from services.region.state import addons
from services.region.state.addons import Addon
from services.region.state.database import Pool
from services.region.storage import Storage


@asynccontextmanager
async def opened(settings: Settings, storage: Storage) -> AsyncIterator[Engines]:
    """Yield the engines by what they say of themselves; those whose servers are ours end with the block."""
    given = [(settings.database_url.get_secret_value(), settings.postgres_bin)]
    given += [(each.url.get_secret_value(), each.bin) for each in settings.postgres_servers]
    async with ContainerSupervisor(storage.logs, settings.stop_seconds) as supervisor:
        redis = RedisEngine(storage.redis, settings.redis_bin, supervisor)
        engines: dict[tuple[str, str], DatabaseEngine] = {("redis", await redis.version()): redis}
        for url, folder in given:
            server = PostgresEngine(url, folder)
            engines["postgresql", await server.version()] = server
        yield engines


def engine_of(addon: Addon, catalogue: Catalogue, engines: Engines) -> DatabaseEngine | None:
    """Return what keeps an addon's data; None when it has none, or its version does not run any more."""
    name = catalogue.provider(addon.provider_id).engine
    return engines.get((name, addon.version)) if name else None


async def resume(pool: Pool, catalogue: Catalogue, engines: Engines) -> None:
    """Run what was created in an earlier life of the region, or has been stopped."""
    for addon in await addons.running(pool):
        if engine := engine_of(addon, catalogue, engines):
            try:
                await engine.resume(addon.database)
            except OSError as error:  # one whose files are damaged must not keep the others from running
                report("resume", error, addon=addon.id)
