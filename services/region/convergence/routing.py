"""The front's routes become those that the state names."""

import anyio

from services.region.convergence.containers import Containers
from services.region.machinery.front import Front
from services.region.rules.routes import routes
from services.region.state import apps, domains, handovers
from services.region.state.database import Pool


class Routing:
    """Applies the region's routes to its front, one application at a time: the last one is the newest."""

    def __init__(self, front: Front, pool: Pool, containers: Containers, apps_domain: str) -> None:
        """Name the front, and where the routes come from."""
        self._front = front
        self._pool = pool
        self._containers = containers
        self._apps_domain = apps_domain
        self._lock = anyio.Lock()

    async def apply(self) -> None:
        """Return when the front serves what the state names now."""
        async with self._lock:
            everyone = await apps.every(self._pool)
            ports = {app.id: self._containers.web_ports(app.id) for app in everyone}
            await self._front.apply(
                routes(
                    everyone,
                    await domains.every(self._pool),
                    await handovers.current(self._pool),
                    ports,
                    self._apps_domain,
                )
            )
