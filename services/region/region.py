"""Everything a region is made of, opened in order and closed in reverse."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio

from services.region import catalogue
from services.region.catalogue import Catalogue
from services.region.convergence import databases, garbage
from services.region.convergence.containers import Containers
from services.region.convergence.routing import Routing
from services.region.failures import report
from services.region.links import Links
from services.region.machinery.authority import Authority
from services.region.machinery.engines import DatabaseEngine, Engines
from services.region.machinery.front import Front
from services.region.machinery.front_config import Listeners
from services.region.machinery.processes import ContainerSupervisor
from services.region.settings import Settings
from services.region.state import apps, database, handovers
from services.region.state.addons import Addon
from services.region.state.database import UNREACHABLE, Pool
from services.region.storage import Storage


@dataclass(frozen=True)
class Region:
    """What the API and the operations work with."""

    settings: Settings
    pool: Pool
    catalogue: Catalogue
    storage: Storage
    links: Links
    engines: Engines
    containers: Containers
    authority: Authority
    routing: Routing

    def engine(self, addon: Addon) -> DatabaseEngine | None:
        """Return what keeps an addon's data; None when it has none, or its version does not run any more."""
        return databases.engine_of(addon, self.catalogue, self.engines)

    async def resume_databases(self) -> None:
        """Run the databases that have servers of their own."""
        await databases.resume(self.pool, self.catalogue, self.engines)

    async def settle(self, app_id: str) -> None:
        """Make an app run, and be served, as its state says."""
        await self.containers.settle(app_id)
        await self.routing.apply()

    async def collect(self) -> None:
        """Remove what was discarded, and forget the hand-overs that have expired."""
        await handovers.delete_expired(self.pool)
        await garbage.collect(self.pool, self.engines, self.storage)

    async def start_everything(self) -> None:
        """Start all apps that shall run, and the databases they need."""
        await self.resume_databases()
        for app in await apps.every(self.pool):
            try:
                await self.containers.settle(app.id)
            except UNREACHABLE:
                raise  # no app's own trouble: whoever starts us tries again, and then none is left out
            except OSError as error:
                # One app whose files are damaged must not keep the others from being served.
                report("start", error, app=app.id)

    async def reconcile(self) -> None:
        """Serve what shall be served, stop and remove what is nobody's; what fails, the next time does."""
        for action in (
            self.routing.renew,
            self.routing.apply,
            self.containers.stop_orphans,
            self.collect,
            self.resume_databases,
        ):
            try:
                await action()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next round tries again
                report(action.__name__, error)

    async def keep_reconciling(self) -> None:
        """Reconcile again and again: so a hand-over ends when it expires, and what failed is made good."""
        while True:
            await anyio.sleep(self.settings.reconcile_seconds)
            await self.reconcile()


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Region]:
    """Yield the region of these settings; its containers are stopped at the end."""
    server_url = settings.database_url.get_secret_value()
    storage = Storage(settings.dir)
    supervisor = ContainerSupervisor(storage.logs, settings.stop_seconds)
    async with (
        database.connect(server_url) as pool,
        databases.opened(settings, storage) as engines,
        supervisor,
    ):
        containers = Containers(supervisor, pool, storage, settings)
        authority = Authority(settings.dir, settings.name)
        front = Front(settings.front_admin_url, _listeners(settings))
        yield Region(
            settings=settings,
            pool=pool,
            catalogue=catalogue.load(settings.catalogue, engines),
            storage=storage,
            links=Links(storage.key(), settings.signed_url_seconds),
            engines=engines,
            containers=containers,
            authority=authority,
            routing=Routing(front, pool, containers, authority, settings.apps_domain),
        )


def _listeners(settings: Settings) -> Listeners:
    return Listeners(
        region=settings.name,
        url=settings.front_url,
        tls_url=settings.front_tls_url,
        key=settings.front_key.get_secret_value(),
    )
