"""The formation and the containers that run."""

from collections.abc import Collection
from dataclasses import replace

from fastapi import APIRouter, Depends, Response
from pydantic import Field
from typing_extensions import TypedDict

from services.region.api import objects, shapes
from services.region.api.answers import accepted
from services.region.api.calls import Call, MutatingRoute
from services.region.api.dependencies import MutableApp, ThisCall, ThisRegion, VisibleApp, service_only
from services.region.api.document import MIGRATIONS
from services.region.api.errors import invalid
from services.region.api.fields import Body, Command, ProcessName, Short
from services.region.rules import timeline
from services.region.rules.capacity import shortage
from services.region.state import formation
from services.region.state.apps import App
from services.region.state.formation import ProcessType
from services.region.state.surroundings import autoscalers

MOST = 20  # containers of a process type

read = APIRouter()
change = APIRouter(route_class=MutatingRoute)
extend = APIRouter(route_class=MutatingRoute, dependencies=[Depends(service_only)], tags=[MIGRATIONS])


class Amount(Body):
    """How many containers; an empty command or size is kept as it is."""

    name: ProcessName
    amount: int = Field(ge=0, le=MOST)
    size: Short | None = None
    command: Command | None = None


class Formation(Body):
    """Some process types, or all."""

    containers: list[Amount] = Field(max_length=100)


class Restart(Body):
    """Process types, or single containers such as `web-1`; none stands for all."""

    scope: list[Short] = Field(default_factory=list)


class ContainersBody(TypedDict):
    """All of them, wrapped as clients read them."""

    containers: list[objects.Container]


@read.get("/apps/{app}/containers")
async def show_formation(app: VisibleApp, region: ThisRegion) -> objects.FormationBody:
    """Show the formation."""
    return shapes.formation(app, await formation.read(region.pool, app.id))


@read.get("/apps/{app}/ps")
async def ps(app: VisibleApp, region: ThisRegion) -> ContainersBody:
    """List the containers that run."""
    processes = {process.name: process for process in await formation.read(region.pool, app.id)}
    states = region.containers.states(app.id)
    return {
        "containers": [
            shapes.container(app, state, processes.get(state.type), region.catalogue) for state in states
        ]
    }


@change.post("/apps/{app}/scale", status_code=202, response_model=objects.FormationBody)
async def scale(app: MutableApp, body: Formation, call: ThisCall) -> Response:
    """Change how many containers of some process types run; their autoscalers are disabled by it."""
    known = {process.name: process for process in await formation.read(call.connection, app.id)}
    unknown = [each.name for each in body.containers if each.name not in known]
    if unknown:
        raise invalid("containers", f"the app has no process type {', '.join(unknown)}")
    await formation.put(call.connection, app.id, [_merged(each, known, call) for each in body.containers])
    changed = await formation.read(call.connection, app.id)
    await _refuse_too_much(app, changed, call)
    await _record(app, known, changed, call)
    await _disable_autoscalers(app, {each.name for each in body.containers}, call)
    operation = await call.start(app, "scale")
    return accepted(call, app, operation, shapes.formation(app, changed))


@change.post("/apps/{app}/restart", status_code=202, response_model=objects.OperationBody)
async def restart(app: MutableApp, body: Restart, call: ThisCall) -> Response:
    """Restart the containers."""
    types = {process.name for process in await formation.read(call.connection, app.id)}
    if unknown := [each for each in body.scope if types.isdisjoint({each, each.rpartition("-")[0]})]:
        raise invalid("scope", f"the app has no process type for {', '.join(unknown)}")
    await call.record(app, "restart", {"scope": body.scope})
    return accepted(call, app, await call.start(app, "restart", {"scope": body.scope}))


@extend.put("/apps/{app}/formation")
async def write_formation(app: MutableApp, body: Formation, call: ThisCall) -> objects.FormationBody:
    """Make this the whole formation, and start nothing."""
    known = {process.name: process for process in await formation.read(call.connection, app.id)}
    await formation.put(call.connection, app.id, [_merged(each, known, call) for each in body.containers])
    await formation.keep_only(call.connection, app.id, [each.name for each in body.containers])
    changed = await formation.read(call.connection, app.id)
    await _record(app, known, changed, call)
    return shapes.formation(app, changed)


async def _record(app: App, known: dict[str, ProcessType], changed: list[ProcessType], call: Call) -> None:
    if list(known.values()) != changed:
        await call.record(app, "scale", timeline.formation(known.values(), changed))


async def _disable_autoscalers(app: App, types: Collection[str], call: Call) -> None:
    """Let nothing take back what was said by hand: so clients announce it before they ask."""
    for each in await autoscalers.every(call.connection, app.id):
        if each.container_type in types and not each.disabled:
            disabled = replace(each, disabled=True)
            await autoscalers.put(call.connection, disabled)
            await call.record(app, "edit_autoscaler", timeline.autoscaler(disabled))


async def _refuse_too_much(app: App, changed: list[ProcessType], call: Call) -> None:
    others = await formation.started(call.connection, app.id)
    missing = shortage(changed, others, call.region.catalogue, call.region.settings.memory_bytes)
    if missing:
        raise invalid("containers", f"the region has {missing} bytes of memory too little for them")


def _merged(new: Amount, known: dict[str, ProcessType], call: Call) -> ProcessType:
    old = known.get(new.name)
    size = new.size or (old.size if old else call.region.catalogue.default_size)
    command = new.command or (old.command if old else "")
    return ProcessType(new.name, new.amount, _size(size, call), command)


def _size(reference: str, call: Call) -> str:
    try:
        return call.region.catalogue.size(reference).name
    except KeyError:
        raise invalid("size", f"{reference} is not a container size of this region") from None
