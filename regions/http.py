"""The port over HTTP: one call of docs/region-api.md per method."""

# ruff: noqa: D102 - the port says what each method does

from collections.abc import Sequence
from uuid import UUID

from events.inventory import Inventory
from events.vocabulary import AppRef
from regions import model
from regions.port import AddonOrder, Archive, Grant, Region
from regions.transport import Transport, path


class HttpRegion(Region):
    """A region behind its HTTP API."""

    def __init__(self, name: str, api: str, credential: str) -> None:
        self.name = name
        self._http = Transport(name, api, credential)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    # Apps

    async def app(self, app: str) -> model.App:
        return await self._http.get(path("v1", "apps", app), "app", model.App)

    async def create_app(self, app: str, like: model.App, source: AppRef, grant: Grant) -> model.App:
        body = {
            "app": {"name": app} | ({"stack_id": like.stack_id} if like.stack_id else {}),
            "migration": {"source_region": source.region, "source_app": source.app},
            "owner": like.owner.model_dump(),
        }
        return await self._http.post("/v1/apps", body, "app", model.App, grant)

    async def change_settings(self, app: str, like: model.App, grant: Grant) -> None:
        settings = like.model_dump(include={"sticky_session", "force_https", "router_logs"})
        await self._http.send("PUT", path("v1", "apps", app), grant, settings)

    async def delete_app(self, app: str, grant: Grant) -> None:
        await self._http.send("DELETE", path("v1", "apps", app), grant, current_name=app)

    async def containers(self, app: str) -> tuple[model.Container, ...]:
        url = path("v1", "apps", app, "containers")
        return await self._http.get(url, "containers", tuple[model.Container, ...])

    async def set_formation(self, app: str, containers: Sequence[model.Container], grant: Grant) -> None:
        body = {"containers": [container.model_dump() for container in containers]}
        await self._http.send("PUT", path("v1", "apps", app, "formation"), grant, body)

    async def variables(self, app: str) -> tuple[model.Variable, ...]:
        url = path("v1", "apps", app, "variables")
        return await self._http.get(url, "variables", tuple[model.Variable, ...], aliases="false")

    async def set_variables(self, app: str, variables: Sequence[model.Variable], grant: Grant) -> None:
        body = {"variables": [variable.model_dump(include={"name", "value"}) for variable in variables]}
        await self._http.send("PUT", path("v1", "apps", app, "variables"), grant, body)

    async def build(self, app: str) -> model.Build:
        return await self._http.get(path("v1", "apps", app, "build"), "build", model.Build)

    async def import_build(self, app: str, archive: Archive, stack: str, grant: Grant) -> model.Operation:
        body = {**_archive(archive), "git_ref": "", "stack": stack}
        return await self._start(path("v1", "apps", app, "build"), body, grant)

    async def start_app(self, app: str, grant: Grant) -> model.Operation:
        return await self._start(path("v1", "apps", app, "start"), {}, grant)

    async def stop_app(self, app: str, grant: Grant) -> model.Operation:
        return await self._start(path("v1", "apps", app, "stop"), {}, grant)

    async def operation(self, app: str, operation_id: str) -> model.Operation:
        url = path("v1", "apps", app, "operations", operation_id)
        return await self._http.get(url, "operation", model.Operation)

    # Addons

    async def providers(self) -> tuple[model.Provider, ...]:
        return await self._http.get("/v1/addon_providers", "addon_providers", tuple[model.Provider, ...])

    async def plans(self, provider: str) -> tuple[model.Plan, ...]:
        url = path("v1", "addon_providers", provider, "plans")
        return await self._http.get(url, "plans", tuple[model.Plan, ...])

    async def addons(self, app: str) -> tuple[model.Addon, ...]:
        url = path("v1", "apps", app, "addons")
        return await self._http.get(url, "addons", tuple[model.Addon, ...])

    async def addon(self, app: str, addon_id: str) -> model.Addon:
        return await self._http.get(path("v1", "apps", app, "addons", addon_id), "addon", model.Addon)

    async def add_addon(self, app: str, order: AddonOrder, grant: Grant) -> model.Addon:
        body = {
            "addon": {
                "addon_provider_id": order.provider_id,
                "plan_id": order.plan_id,
                "options": {"version": order.version},
            },
            "migration": {"source_id": order.source_id},
        }
        return await self._http.post(path("v1", "apps", app, "addons"), body, "addon", model.Addon, grant)

    async def start_backup(self, addon_id: str, grant: Grant) -> model.Backup:
        return await self._http.post(_backups(addon_id), {}, "database_backup", model.Backup, grant)

    async def backup(self, addon_id: str, backup_id: str) -> model.Backup:
        return await self._http.get(_backups(addon_id, backup_id), "database_backup", model.Backup)

    async def backup_url(self, addon_id: str, backup_id: str) -> str:
        return await self._http.get(_backups(addon_id, backup_id, "archive"), "download_url", str)

    async def restore(self, app: str, addon_id: str, archive: Archive, grant: Grant) -> model.Operation:
        url = path("v1", "apps", app, "addons", addon_id, "restore")
        return await self._start(url, _archive(archive), grant)

    async def fingerprint(self, app: str, addon_id: str, grant: Grant) -> model.Operation:
        return await self._start(path("v1", "apps", app, "addons", addon_id, "fingerprint"), {}, grant)

    # Traffic

    async def front(self) -> model.Front:
        return await self._http.get("/v1/front", "front", model.Front)

    async def domains(self, app: str) -> tuple[model.Domain, ...]:
        url = path("v1", "apps", app, "domains")
        return await self._http.get(url, "domains", tuple[model.Domain, ...])

    async def add_domain(self, app: str, domain: model.Domain, grant: Grant) -> model.Domain:
        body = {"domain": domain.model_dump(include={"name", "letsencrypt_enabled", "canonical"})}
        return await self._http.post(path("v1", "apps", app, "domains"), body, "domain", model.Domain, grant)

    async def hand_over(self, app: str, handover: model.Handover, grant: Grant) -> None:
        body = handover.model_dump(mode="json")
        await self._http.send("POST", path("v1", "apps", app, "handover"), grant, body)

    async def take_back(self, app: str, grant: Grant) -> None:
        await self._http.send("DELETE", path("v1", "apps", app, "handover"), grant)

    async def mark_migrated(self, app: str, destination: AppRef, grant: Grant) -> None:
        url = path("v1", "apps", app, "migrated")
        await self._http.send("POST", url, grant, destination.model_dump())

    # Fencing

    async def freeze(self, app: str, grant: Grant) -> Inventory:
        return await self._http.post(path("v1", "apps", app, "freeze"), {}, "inventory", Inventory, grant)

    async def unfreeze(self, app: str, grant: Grant) -> None:
        await self._http.send("DELETE", path("v1", "apps", app, "freeze"), grant)

    async def fence(self, grant: Grant) -> None:
        url = path("v1", "migrations", str(grant.migration_id), "fence")
        await self._http.send("POST", url, grant, {"epoch": grant.epoch})

    async def resources(self, migration_id: UUID) -> tuple[model.Resource, ...]:
        url = path("v1", "migrations", str(migration_id), "resources")
        return await self._http.get(url, "resources", tuple[model.Resource, ...])

    async def _start(self, url: str, body: dict[str, object], grant: Grant) -> model.Operation:
        return await self._http.post(url, body, "operation", model.Operation, grant)


def _archive(archive: Archive) -> dict[str, object]:
    return {"source_url": archive.url, "digest": archive.digest, "size_bytes": archive.size_bytes}


def _backups(addon_id: str, *rest: str) -> str:
    return path("api", "databases", addon_id, "backups", *rest)
