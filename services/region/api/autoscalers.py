"""Autoscalers: between which amounts a process type is to be kept.

They are kept, and can be copied. This region measures nothing, so it never scales anything by itself.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field
from typing_extensions import TypedDict

from services.region.api import surrounding_objects
from services.region.api import surroundings as shapes
from services.region.api.answers import existing
from services.region.api.calls import Call, MutatingRoute
from services.region.api.containers import MOST
from services.region.api.dependencies import MutableApp, ThisCall, ThisRegion, VisibleApp
from services.region.api.errors import invalid
from services.region.api.fields import Body, ProcessName
from services.region.api.measuring import HIGHEST, Metric, refuse_unknown
from services.region.ids import new_id
from services.region.rules import timeline
from services.region.state.apps import App
from services.region.state.surroundings import Autoscaler, autoscalers

read = APIRouter()
change = APIRouter(route_class=MutatingRoute)

Target = Annotated[float, Field(gt=0, le=HIGHEST, allow_inf_nan=False)]
Amount = Annotated[int, Field(ge=1, le=MOST)]


class NewAutoscaler(Body):
    """An autoscaler; a process type has at most one for each metric."""

    container_type: ProcessName
    metric: Metric
    target: Target
    min_containers: Amount
    max_containers: Amount
    disabled: bool = False


class AddAutoscaler(Body):
    """Wrapped, as clients send it."""

    autoscaler: NewAutoscaler


class AutoscalerChange(Body):
    """What is not given stays. Clients send it unwrapped."""

    metric: Metric | None = None
    target: Target | None = None
    min_containers: Amount | None = None
    max_containers: Amount | None = None
    disabled: bool | None = None


class AutoscalersBody(TypedDict):
    """All of them, wrapped as clients read them."""

    autoscalers: list[surrounding_objects.Autoscaler]


class AutoscalerBody(TypedDict):
    """One, wrapped as clients read it."""

    autoscaler: surrounding_objects.Autoscaler


@read.get("/apps/{app}/autoscalers")
async def index(app: VisibleApp, region: ThisRegion) -> AutoscalersBody:
    """List the app's autoscalers."""
    found = await autoscalers.every(region.pool, app.id)
    return {"autoscalers": [shapes.autoscaler(each) for each in found]}


@change.post("/apps/{app}/autoscalers", status_code=201)
async def add(app: MutableApp, body: AddAutoscaler, call: ThisCall) -> AutoscalerBody:
    """Add an autoscaler; a migration that asks again is given the one that is there."""
    new = Autoscaler(id=new_id(), app_id=app.id, created_at=datetime.now(UTC), **body.autoscaler.model_dump())
    twin = await _twin(new, call)
    if twin and call.mandate:
        return {"autoscaler": shapes.autoscaler(twin)}
    await refuse_unknown(app, new.container_type, call)
    return await _put(app, "new_autoscaler", new, twin, call)


@change.patch("/apps/{app}/autoscalers/{autoscaler}")
async def change_autoscaler(
    app: MutableApp, autoscaler: str, body: AutoscalerChange, call: ThisCall
) -> AutoscalerBody:
    """Change an autoscaler; it stays with its process type."""
    found = await _found(app, autoscaler, call)
    changed = replace(found, **body.model_dump(exclude_none=True))
    return await _put(app, "edit_autoscaler", changed, await _twin(changed, call), call)


@change.delete("/apps/{app}/autoscalers/{autoscaler}", status_code=204)
async def remove(app: MutableApp, autoscaler: str, call: ThisCall) -> Response:
    """Remove an autoscaler."""
    found = await _found(app, autoscaler, call)
    await autoscalers.delete(call.connection, found)
    await call.record(app, "delete_autoscaler", timeline.autoscaler(found))
    return Response(status_code=204)


async def _found(app: App, autoscaler_id: str, call: Call) -> Autoscaler:
    return existing(await autoscalers.find(call.connection, app.id, autoscaler_id), "autoscaler")


async def _twin(wanted: Autoscaler, call: Call) -> Autoscaler | None:
    """Return another autoscaler of the same process type and metric."""
    for each in await autoscalers.every(call.connection, wanted.app_id):
        same = (each.container_type, each.metric) == (wanted.container_type, wanted.metric)
        if same and each.id != wanted.id:
            return each
    return None


async def _put(
    app: App, kind: str, wanted: Autoscaler, twin: Autoscaler | None, call: Call
) -> AutoscalerBody:
    if twin:
        raise invalid("metric", "the process type has an autoscaler for this metric already")
    if wanted.min_containers > wanted.max_containers:
        raise invalid("min_containers", "is more than max_containers")
    await autoscalers.put(call.connection, wanted)
    await call.record(app, kind, timeline.autoscaler(wanted))
    return {"autoscaler": shapes.autoscaler(wanted)}
