"""Collaborators, notifiers and the like over HTTP."""

# ruff: noqa: D102 - the port says what each method does

from regions import model
from regions.errors import NotFoundError
from regions.http.calls import Calls
from regions.port import Grant, Surroundings
from regions.transport import path

OWN_IDS = {"id"}  # what a region gives to a new thing


class HttpSurroundings(Calls, Surroundings):
    """The calls about who works on an app, where it is deployed from, who is told and what scales it."""

    async def collaborators(self, app: str) -> tuple[model.Collaborator, ...]:
        url = path("v1", "apps", app, "collaborators")
        return await self._http.get(url, "collaborators", tuple[model.Collaborator, ...])

    async def add_collaborator(self, app: str, collaborator: model.Collaborator, grant: Grant) -> None:
        body = {"collaborator": collaborator.model_dump(include={"email", "username", "user_id"})}
        await self._http.send("POST", path("v1", "apps", app, "collaborators"), grant, body)

    async def scm_link(self, app: str) -> model.ScmLink:
        return await self._http.get(path("v1", "apps", app, "scm_repo_link"), "scm_repo_link", model.ScmLink)

    async def link_scm(self, app: str, link: model.ScmLink, grant: Grant) -> None:
        body = {"scm_repo_link": {"source": link.url, **link.model_dump(exclude={"url", "owner", "repo"})}}
        await self._http.send("POST", path("v1", "apps", app, "scm_repo_link"), grant, body)

    async def event_types(self) -> tuple[model.Named, ...]:
        return await self._http.get("/v1/event_types", "event_types", tuple[model.Named, ...])

    async def notification_platform(self, name: str) -> model.Named:
        url, key = "/v1/notification_platforms/search", "notification_platforms"
        for platform in await self._http.get(url, key, tuple[model.Named, ...], name=name):
            if platform.name == name:
                return platform
        raise NotFoundError("not_found", region=self._http.region, resource="notification_platform")

    async def notifiers(self, app: str) -> tuple[model.Notifier, ...]:
        url = path("v1", "apps", app, "notifiers")
        return await self._http.get(url, "notifiers", tuple[model.Notifier, ...])

    async def add_notifier(self, app: str, notifier: model.Notifier, grant: Grant) -> model.Notifier:
        url = path("v1", "apps", app, "notifiers")
        body = _copy("notifier", notifier.id, notifier.model_dump(exclude=OWN_IDS))
        return await self._http.post(url, body, "notifier", model.Notifier, grant)

    async def alerts(self, app: str) -> tuple[model.Alert, ...]:
        return await self._http.get(path("v1", "apps", app, "alerts"), "alerts", tuple[model.Alert, ...])

    async def add_alert(self, app: str, alert: model.Alert, grant: Grant) -> model.Alert:
        url = path("v1", "apps", app, "alerts")
        body = _copy("alert", alert.id, alert.model_dump(exclude=OWN_IDS))
        return await self._http.post(url, body, "alert", model.Alert, grant)

    async def autoscalers(self, app: str) -> tuple[model.Autoscaler, ...]:
        url = path("v1", "apps", app, "autoscalers")
        return await self._http.get(url, "autoscalers", tuple[model.Autoscaler, ...])

    async def add_autoscaler(self, app: str, autoscaler: model.Autoscaler, grant: Grant) -> None:
        body = {"autoscaler": autoscaler.model_dump(exclude=OWN_IDS)}
        await self._http.send("POST", path("v1", "apps", app, "autoscalers"), grant, body)

    async def log_drains(self, app: str, addon_id: str | None = None) -> tuple[model.LogDrain, ...]:
        return await self._http.get(_drains(app, addon_id), "drains", tuple[model.LogDrain, ...])

    async def add_log_drain(
        self, app: str, drain: model.LogDrain, grant: Grant, addon_id: str | None = None
    ) -> None:
        await self._http.send("POST", _drains(app, addon_id), grant, {"drain": {"url": drain.url}})


def _copy(kind: str, source_id: str, wanted: dict[str, object]) -> dict[str, object]:
    return {kind: wanted, "migration": {"source_id": source_id}}


def _drains(app: str, addon_id: str | None) -> str:
    of_addon = ("addons", addon_id) if addon_id else ()
    return path("v1", "apps", app, *of_addon, "log_drains")
