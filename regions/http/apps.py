"""Apps over HTTP."""

# ruff: noqa: D102 - the port says what each method does

from collections.abc import Sequence

from events.vocabulary import AppRef
from regions import model
from regions.http.calls import Calls, pulled
from regions.port import Apps, Grant
from regions.transport import path


class HttpApps(Calls, Apps):
    """The calls about apps, their configuration and their processes."""

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

    async def set_limits(self, app: str, limits: model.Limits, grant: Grant) -> None:
        await self._http.send(
            "PUT", path("v1", "apps", app, "limits"), grant, {"limits": limits.model_dump()}
        )

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

    async def import_build(self, app: str, build: model.Build, grant: Grant) -> model.Operation:
        body = {**pulled(build), "git_ref": build.git_ref, "stack": build.stack}
        return await self._start(path("v1", "apps", app, "build"), body, grant)

    async def start_app(self, app: str, grant: Grant) -> model.Operation:
        return await self._start(path("v1", "apps", app, "start"), {}, grant)

    async def stop_app(self, app: str, grant: Grant) -> model.Operation:
        return await self._start(path("v1", "apps", app, "stop"), {}, grant)

    async def operation(self, app: str, operation_id: str) -> model.Operation:
        url = path("v1", "apps", app, "operations", operation_id)
        return await self._http.get(url, "operation", model.Operation)

    async def stacks(self) -> tuple[model.Stack, ...]:
        return await self._http.get("/v1/features/stacks", "stacks", tuple[model.Stack, ...])

    async def container_sizes(self) -> tuple[model.ContainerSize, ...]:
        url = "/v1/features/container_sizes"
        return await self._http.get(url, "container_sizes", tuple[model.ContainerSize, ...])

    async def capacity(self) -> model.Capacity:
        return await self._http.get("/v1/capacity", "capacity", model.Capacity)
