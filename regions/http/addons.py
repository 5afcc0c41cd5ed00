"""Addons over HTTP."""

# ruff: noqa: D102 - the port says what each method does

from regions import model
from regions.http.calls import Calls, pulled
from regions.port import AddonOrder, Addons, Archive, Grant
from regions.transport import path


class HttpAddons(Calls, Addons):
    """The calls about addons and their data."""

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
        return await self._start(url, pulled(archive), grant)

    async def fingerprint(self, app: str, addon_id: str, grant: Grant) -> model.Operation:
        return await self._start(path("v1", "apps", app, "addons", addon_id, "fingerprint"), {}, grant)


def _backups(addon_id: str, *rest: str) -> str:
    return path("api", "databases", addon_id, "backups", *rest)
