"""Log drains of an app and of its addons. They are kept, and can be copied; no line is sent there."""

# ruff: noqa: FAST003 - dependencies read the path

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import StringConstraints
from typing_extensions import TypedDict

from services.region.api import surrounding_objects
from services.region.api import surroundings as shapes
from services.region.api.access import Caller, Service
from services.region.api.calls import Call, MutatingRoute
from services.region.api.dependencies import (
    MutableAddon,
    MutableApp,
    Reader,
    ThisCall,
    ThisRegion,
    VisibleAddon,
    VisibleApp,
)
from services.region.api.errors import invalid, missing
from services.region.api.fields import Body, Given, Port, Short
from services.region.ids import new_id
from services.region.rules import timeline
from services.region.rules.log_drains import DrainError, Target, shown, url_of
from services.region.state.addons import Addon
from services.region.state.apps import App
from services.region.state.database import Executor
from services.region.state.surroundings import LogDrain, log_drains

LONGEST_URL = 2048

read = APIRouter()
change = APIRouter(route_class=MutatingRoute)

DrainHost = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$", max_length=253)
]
DrainUrl = Annotated[str, StringConstraints(max_length=LONGEST_URL)]


class NewDrain(Body):
    """A type with what it needs, or a plain URL; clients send "" for the rest."""

    type: Annotated[Short | None, Given] = None
    url: Annotated[DrainUrl | None, Given] = None
    host: Annotated[DrainHost | None, Given] = None
    port: Annotated[Port | None, Given] = None
    token: Annotated[Short | None, Given] = None
    drain_region: Annotated[DrainHost | None, Given] = None


class AddDrain(Body):
    """Wrapped, as clients send it."""

    drain: NewDrain


class DrainsBody(TypedDict):
    """All of them, wrapped as clients read them."""

    drains: list[surrounding_objects.LogDrain]


class DrainBody(TypedDict):
    """One, wrapped as clients read it."""

    drain: surrounding_objects.LogDrain


@read.get("/apps/{app}/log_drains")
async def index(app: VisibleApp, region: ThisRegion, caller: Reader) -> DrainsBody:
    """List the app's own log drains."""
    return _listed(await _of(region.pool, app.id, None), caller)


@read.get("/apps/{app}/addons/{addon}/log_drains")
async def index_of_addon(addon: VisibleAddon, region: ThisRegion, caller: Reader) -> DrainsBody:
    """List an addon's log drains."""
    return _listed(await _of(region.pool, addon.app_id, addon.id), caller)


@change.post("/apps/{app}/log_drains", status_code=201)
async def add(app: MutableApp, body: AddDrain, call: ThisCall) -> DrainBody:
    """Add a log drain to the app; a migration that asks again is given the one that is there."""
    return await _add(app, None, body.drain, call)


@change.post("/apps/{app}/addons/{addon}/log_drains", status_code=201)
async def add_to_addon(app: MutableApp, addon: MutableAddon, body: AddDrain, call: ThisCall) -> DrainBody:
    """Add a log drain to an addon."""
    return await _add(app, addon, body.drain, call)


@change.delete("/apps/{app}/log_drains", status_code=204)
async def remove(app: MutableApp, url: Annotated[str, Query()], call: ThisCall) -> Response:
    """Remove the app's log drain of that URL."""
    return await _remove(app, None, url, call)


@change.delete("/apps/{app}/addons/{addon}/log_drains", status_code=204)
async def remove_from_addon(
    app: MutableApp, addon: MutableAddon, url: Annotated[str, Query()], call: ThisCall
) -> Response:
    """Remove an addon's log drain of that URL."""
    return await _remove(app, addon, url, call)


async def _add(app: App, addon: Addon | None, new: NewDrain, call: Call) -> DrainBody:
    addon_id = addon.id if addon else None
    wanted = LogDrain(new_id(), app.id, addon_id, _url(new), datetime.now(UTC))
    known = {each.url: each for each in await _of(call.connection, app.id, addon_id)}
    if wanted.url not in known:
        await log_drains.put(call.connection, wanted)
        kind = "new_addon_log_drain" if addon else "new_log_drain"
        await call.record(app, kind, timeline.log_drain(wanted, addon))
    elif call.mandate is None:
        raise invalid("url", "there is a drain to this address already")
    return {"drain": _shape(known.get(wanted.url, wanted), call.caller)}


async def _remove(app: App, addon: Addon | None, url: str, call: Call) -> Response:
    known = await _of(call.connection, app.id, addon.id if addon else None)
    # People see addresses without tokens, and may name them so.
    chosen = [each for each in known if each.url == url] or [each for each in known if shown(each.url) == url]
    if not chosen:
        raise missing("log_drain")
    if len(chosen) > 1:
        raise invalid("url", "more than one drain looks like this: write the whole address")
    await log_drains.delete(call.connection, chosen[0])
    kind = "delete_addon_log_drain" if addon else "delete_log_drain"
    await call.record(app, kind, timeline.log_drain(chosen[0], addon))
    return Response(status_code=204)


async def _of(connection: Executor, app_id: str, addon_id: str | None) -> list[LogDrain]:
    return [each for each in await log_drains.every(connection, app_id) if each.addon_id == addon_id]


def _url(new: NewDrain) -> str:
    try:
        return url_of(Target(**new.model_dump()))
    except DrainError as error:
        raise invalid(error.field, str(error)) from None


def _listed(drains: Sequence[LogDrain], caller: Caller) -> DrainsBody:
    return {"drains": [_shape(each, caller) for each in drains]}


def _shape(drain: LogDrain, caller: Caller) -> surrounding_objects.LogDrain:
    return shapes.log_drain(drain, whole=isinstance(caller, Service))
