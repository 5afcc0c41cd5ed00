"""The front's routes and certificates become those that the state names."""

from datetime import UTC, datetime

import anyio

from services.region.convergence.containers import Containers
from services.region.machinery.authority import Authority, Certificate
from services.region.machinery.front import Front
from services.region.rules.routes import certificates, routes
from services.region.state import apps, domains, handovers
from services.region.state.database import Pool


class Routing:
    """Applies the region's routes to its front, one application at a time: the last one is the newest."""

    def __init__(
        self, front: Front, pool: Pool, containers: Containers, authority: Authority, apps_domain: str
    ) -> None:
        """Name the front, and where the routes and the certificates come from."""
        self._front = front
        self._pool = pool
        self._containers = containers
        self._authority = authority
        self._apps_domain = apps_domain
        self._own = authority.issue(self._own_name)
        self._lock = anyio.Lock()

    async def apply(self) -> None:
        """Return when the front serves what the state names now."""
        async with self._lock:
            everyone, custom = await apps.every(self._pool), await domains.every(self._pool)
            handed_over = await handovers.current(self._pool)
            ports = {app.id: self._containers.web_ports(app.id) for app in everyone}
            served = routes(everyone, custom, handed_over, ports, self._apps_domain)
            own = {self._own_name: self._own_certificate()}
            await self._front.apply(served, certificates(served, custom, handed_over) | own)

    async def can_serve(self, certificate: Certificate) -> bool:
        """Tell whether the front can read a certificate."""
        return await self._front.reads(certificate)

    async def renew(self) -> None:
        """Have Let's Encrypt, which our own authority plays, renew what is due or has never been issued."""
        now = datetime.now(UTC)
        for domain in await domains.of_letsencrypt(self._pool):
            if domain.certificate is None or domain.certificate.is_due(now):
                await domains.renew(self._pool, domain.id, self._authority.issue(domain.name))

    @property
    def _own_name(self) -> str:
        return f"*.{self._apps_domain}"

    def _own_certificate(self) -> Certificate:
        if self._own.is_due(datetime.now(UTC)):
            self._own = self._authority.issue(self._own_name)
        return self._own
