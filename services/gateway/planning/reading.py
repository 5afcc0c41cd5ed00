"""What both regions say of an app, read side by side and with the caller's own token."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

import anyio
import httpx
from pydantic import ValidationError

from regions.model import Answer
from services.gateway.errors import ApiError
from services.gateway.planning.model import Addon, Destination, Source
from services.gateway.proxy import unavailable
from services.gateway.settings import Region

PATIENCE = 10.0  # seconds for the whole of it
NOT_FOUND = 404

A = TypeVar("A", bound=Answer)
Call = Callable[[], Awaitable[Any]]

# What is read of an app, by its name here: below the app's own address, and under which key of the answer.
OF_APP: Mapping[str, tuple[str, str]] = {
    "app": ("", "app"),
    "containers": ("/containers", "containers"),
    "running": ("/ps", "containers"),
    "variables": ("/variables?aliases=false", "variables"),
    "collaborators": ("/collaborators", "collaborators"),
    "scm_link": ("/scm_repo_link", "scm_repo_link"),
    "domains": ("/domains", "domains"),
    "notifiers": ("/notifiers", "notifiers"),
    "alerts": ("/alerts", "alerts"),
    "log_drains": ("/log_drains", "drains"),
    "autoscalers": ("/autoscalers", "autoscalers"),
    "addons": ("/addons", "addons"),
    "deployments": ("/deployments?per_page=1", "meta"),
}


class Reader:
    """One region, as the user who asks may see it."""

    def __init__(self, http: httpx.AsyncClient, name: str, at: Region, authorization: str) -> None:
        self._http = http
        self._name = name
        self._api = at.api
        self._headers = {"Authorization": authorization}

    async def source(self, app: str) -> Source:
        """Return all that the plan is made of; raises ApiError, the region's own refusal among them."""
        of_app = f"/v1/apps/{quote(app, safe='')}"
        calls = {name: self._getting(of_app + path, key) for name, (path, key) in OF_APP.items()}
        source = self._understood(Source, await together(calls))
        addons = await together({addon.id: self._details(of_app, addon) for addon in source.addons})
        return source.model_copy(update={"addons": tuple(addons.values())})

    async def destination(self) -> Destination:
        """Return what addons the region offers, in which plans; raises ApiError."""
        providers = await self._get("/v1/addon_providers", "addon_providers")
        offered = self._understood(Destination, {"providers": providers})
        paths = {
            each.id: f"/v1/addon_providers/{quote(each.id, safe='')}/plans" for each in offered.providers
        }
        plans = await together({name: self._getting(path, "plans") for name, path in paths.items()})
        return self._understood(Destination, {"providers": providers, "plans": plans})

    def _details(self, of_app: str, addon: Addon) -> Call:
        """Return the call that adds to an addon its log drains, and how many backups it has."""

        async def ask() -> Addon:
            path = f"{of_app}/addons/{quote(addon.id, safe='')}"
            drains = await self._get(f"{path}/log_drains", "drains") or ()
            return addon.model_copy(
                update={"log_drains": len(drains), "backups": await self._backups(path, addon)}
            )

        return ask

    async def _backups(self, path: str, addon: Addon) -> int | None:
        """Return how many backups there are; None where they cannot be counted."""
        if not addon.has_data:
            return 0
        try:
            token = (await self._ask("POST", f"{path}/token", self._headers))["addon"]["token"]
            database = f"/api/databases/{quote(addon.id, safe='')}/backups"
            listed = await self._ask("GET", database, {"Authorization": f"Bearer {token}"})
            return len(listed["database_backups"])
        except (ApiError, KeyError, TypeError):
            return None

    def _getting(self, path: str, key: str) -> Call:
        async def ask() -> Any:
            return await self._get(path, key)

        return ask

    async def _get(self, path: str, key: str) -> Any:
        """Return what the answer has under `key`; None of what the region or the app does not have."""
        answer = await self._ask("GET", path, self._headers)
        return answer.get(key)

    async def _ask(self, method: str, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
        try:
            answer = await self._http.request(
                method, self._api + path, headers=headers, json={} if method == "POST" else None
            )
            body = answer.json()
            if answer.status_code == NOT_FOUND:
                return {}
            if answer.is_client_error and isinstance(body, dict):
                raise ApiError(answer.status_code, body)
            if answer.is_success and isinstance(body, dict):
                return body
        except (httpx.TransportError, ValueError):
            pass  # not an answer of a working region
        raise unavailable(self._name)

    def _understood(self, kind: type[A], values: Mapping[str, Any]) -> A:
        try:
            return kind.model_validate({name: value for name, value in values.items() if value is not None})
        except ValidationError:
            raise unavailable(self._name) from None


async def together(calls: Mapping[str, Call]) -> dict[str, Any]:
    """Make all calls at once; return their results, or raise the first ApiError."""
    results: dict[str, Any] = {}
    failures: list[ApiError] = []

    async def make(name: str, call: Call) -> None:
        try:
            results[name] = await call()
        except ApiError as error:
            failures.append(error)
            group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for name, call in calls.items():
            group.start_soon(make, name, call)
    if failures:
        raise failures[0]
    return {name: results[name] for name in calls}
