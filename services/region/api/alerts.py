"""Alerts: when notifiers are told of a metric. They are kept, and can be copied; nothing is measured here."""

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
from services.region.api.copies import Original, copy_among, source_of
from services.region.api.dependencies import MutableApp, ThisCall, ThisRegion, VisibleApp
from services.region.api.errors import invalid
from services.region.api.fields import Body, Duration, ProcessName, Short
from services.region.api.measuring import HIGHEST, Metric, refuse_unknown
from services.region.ids import new_id
from services.region.rules import timeline
from services.region.state.apps import App
from services.region.state.surroundings import Alert, alerts, notifiers

read = APIRouter()
change = APIRouter(route_class=MutatingRoute)

Limit = Annotated[float, Field(ge=0, le=HIGHEST, allow_inf_nan=False)]
Told = Annotated[list[Short], Field(max_length=100)]


class NewAlert(Body):
    """An alert; both durations are in nanoseconds, or written such as `5m30s`."""

    container_type: ProcessName
    metric: Metric
    limit: Limit
    disabled: bool = False
    send_when_below: bool = False
    duration_before_trigger: Duration = 0
    remind_every: Duration = 0
    notifiers: Told | None = None


class AddAlert(Body):
    """`migration` is a service call's."""

    alert: NewAlert
    migration: Original | None = None


class AlertChange(Body):
    """What is not given stays. Clients send it unwrapped."""

    container_type: ProcessName | None = None
    metric: Metric | None = None
    limit: Limit | None = None
    disabled: bool | None = None
    send_when_below: bool | None = None
    duration_before_trigger: Duration | None = None
    remind_every: Duration | None = None
    notifiers: Told | None = None


class AlertsBody(TypedDict):
    """All of them, wrapped as clients read them."""

    alerts: list[surrounding_objects.Alert]


class AlertBody(TypedDict):
    """One, wrapped as clients read it."""

    alert: surrounding_objects.Alert


@read.get("/apps/{app}/alerts")
async def index(app: VisibleApp, region: ThisRegion) -> AlertsBody:
    """List the app's alerts."""
    return {"alerts": [shapes.alert(each) for each in await alerts.every(region.pool, app.id)]}


@change.post("/apps/{app}/alerts", status_code=201)
async def add(app: MutableApp, body: AddAlert, call: ThisCall) -> AlertBody:
    """Add an alert; a migration that asks again is given the one that it has made."""
    if made := copy_among(await alerts.every(call.connection, app.id), body.migration, call):
        return {"alert": shapes.alert(made)}
    now = datetime.now(UTC)
    values = {**body.alert.model_dump(), "notifiers": body.alert.notifiers or []}
    source_id = source_of(body.migration, call)
    alert = Alert(
        id=new_id(),
        app_id=app.id,
        made_by=call.migration_id,
        source_id=source_id,
        created_at=now,
        updated_at=now,
        **values,
    )
    shown = await _put(app, alert, call)
    await call.record(app, "new_alert", timeline.alert(alert))
    return shown


@change.patch("/apps/{app}/alerts/{alert}")
async def change_alert(app: MutableApp, alert: str, body: AlertChange, call: ThisCall) -> AlertBody:
    """Change an alert. The timeline's clients know no event for that."""
    found = existing(await alerts.find(call.connection, app.id, alert), "alert")
    changes = body.model_dump(exclude_none=True)
    return await _put(app, replace(found, updated_at=datetime.now(UTC), **changes), call)


@change.delete("/apps/{app}/alerts/{alert}", status_code=204)
async def remove(app: MutableApp, alert: str, call: ThisCall) -> Response:
    """Remove an alert."""
    found = existing(await alerts.find(call.connection, app.id, alert), "alert")
    await alerts.delete(call.connection, found)
    await call.record(app, "delete_alert", timeline.alert(found))
    return Response(status_code=204)


async def _put(app: App, alert: Alert, call: Call) -> AlertBody:
    await refuse_unknown(app, alert.container_type, call)
    if not set(alert.notifiers) <= {each.id for each in await notifiers.every(call.connection, app.id)}:
        raise invalid("notifiers", "not all of them are ids of the app's notifiers")
    await alerts.put(call.connection, alert)
    return {"alert": shapes.alert(alert)}
