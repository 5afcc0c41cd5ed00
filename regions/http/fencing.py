"""Freezing and fencing over HTTP."""

# ruff: noqa: D102 - the port says what each method does

from uuid import UUID

from events.inventory import Inventory
from events.vocabulary import AppRef
from regions import model
from regions.http.calls import Calls
from regions.port import Fencing, Grant
from regions.transport import path


class HttpFencing(Calls, Fencing):
    """The calls that keep everyone but one epoch of one migration away."""

    async def freeze(self, app: str, destination: AppRef, grant: Grant) -> Inventory:
        body = {"region": destination.region, "app": destination.app}
        return await self._http.post(path("v1", "apps", app, "freeze"), body, "inventory", Inventory, grant)

    async def unfreeze(self, app: str, grant: Grant) -> None:
        await self._http.send("DELETE", path("v1", "apps", app, "freeze"), grant)

    async def fence(self, grant: Grant) -> None:
        url = path("v1", "migrations", str(grant.migration_id), "fence")
        await self._http.send("POST", url, grant, {"epoch": grant.epoch})

    async def resources(self, migration_id: UUID) -> tuple[model.Resource, ...]:
        url = path("v1", "migrations", str(migration_id), "resources")
        return await self._http.get(url, "resources", tuple[model.Resource, ...])
