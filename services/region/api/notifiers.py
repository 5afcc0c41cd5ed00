"""Notifiers: who is told of an app's events. They are kept, and can be copied; this region tells nobody."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

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
from services.region.api.fields import Body, Email, Given, Short, Url
from services.region.ids import new_id
from services.region.rules import timeline
from services.region.rules.notifications import EVENT_TYPES, PLATFORMS, event_type_ids, platform_named_by
from services.region.state.apps import App
from services.region.state.surroundings import Notifier, NotifierType, notifiers

MOST = 100  # addresses, or people, of one notifier

read = APIRouter()
change = APIRouter(route_class=MutatingRoute)

Selected = Annotated[list[Short], Field(max_length=len(EVENT_TYPES))]


class Addresses(Body):
    """Where to tell: each type of notifier needs its own."""

    webhook_url: Annotated[Url | None, Given] = None
    emails: Annotated[list[Email], Field(max_length=MOST)] | None = None
    user_ids: Annotated[list[Short], Field(max_length=MOST)] | None = None


class Terms(Body):
    """What may be said of a notifier; what is not given stays, or is as for a new one."""

    name: Annotated[Short | None, Given] = None
    active: bool | None = None
    send_all_events: bool | None = None
    send_all_alerts: bool | None = None
    selected_event_ids: Selected | None = None
    type_data: Addresses = Field(default_factory=Addresses)

    @property
    def given(self) -> dict[str, Any]:
        """The fields of a row that are given, addresses apart."""
        return self.model_dump(include=set(Terms.model_fields) - {"type_data"}, exclude_none=True)


class NewNotifier(Terms):
    """The platform by this region's id; clients may leave its type empty."""

    platform_id: Short
    type: Annotated[Short | None, Given] = None


class AddNotifier(Body):
    """`migration` is a service call's."""

    notifier: NewNotifier
    migration: Original | None = None


class ChangeNotifier(Body):
    """Wrapped, as clients send it."""

    notifier: Terms


class EventTypesBody(TypedDict):
    """All of them, wrapped as clients read them."""

    event_types: list[surrounding_objects.EventType]


class PlatformsBody(TypedDict):
    """All of them, wrapped as clients read them."""

    notification_platforms: list[surrounding_objects.Platform]


class NotifiersBody(TypedDict):
    """All of them, wrapped as clients read them."""

    notifiers: list[surrounding_objects.Notifier]


class NotifierBody(TypedDict):
    """One, wrapped as clients read it."""

    notifier: surrounding_objects.Notifier


@read.get("/event_types")
async def event_types(region: ThisRegion) -> EventTypesBody:
    """List what notifiers can be told of; open to everybody."""
    return {"event_types": [shapes.event_type(region.settings.name, name) for name in EVENT_TYPES]}


@read.get("/notification_platforms")
async def platforms(region: ThisRegion) -> PlatformsBody:
    """List the platforms that notifiers use; open to everybody."""
    return _platforms(region.settings.name, list(PLATFORMS))


@read.get("/notification_platforms/search")
async def search(region: ThisRegion, name: Short) -> PlatformsBody:
    """Return the platform of that name, if there is one; open to everybody."""
    return _platforms(region.settings.name, [each for each in PLATFORMS if each == name])


@read.get("/apps/{app}/notifiers")
async def index(app: VisibleApp, region: ThisRegion) -> NotifiersBody:
    """List the app's notifiers."""
    found = await notifiers.every(region.pool, app.id)
    return {"notifiers": [shapes.notifier(each, region.settings.name) for each in found]}


@read.get("/apps/{app}/notifiers/{notifier}")
async def show(app: VisibleApp, notifier: str, region: ThisRegion) -> NotifierBody:
    """Show a notifier."""
    found = existing(await notifiers.find(region.pool, app.id, notifier), "notifier")
    return {"notifier": shapes.notifier(found, region.settings.name)}


@change.post("/apps/{app}/notifiers", status_code=201)
async def add(app: MutableApp, body: AddNotifier, call: ThisCall) -> NotifierBody:
    """Add a notifier; a migration that asks again is given the one that it has made."""
    known = await notifiers.every(call.connection, app.id)
    if made := copy_among(known, body.migration, call):
        return _shown(made, call)
    return await _put(app, "new_notifier", _made(app, body, call), body.notifier, call)


@change.patch("/apps/{app}/notifiers/{notifier}")
async def change_notifier(
    app: MutableApp, notifier: str, body: ChangeNotifier, call: ThisCall
) -> NotifierBody:
    """Change a notifier; it stays of its type."""
    found = existing(await notifiers.find(call.connection, app.id, notifier), "notifier")
    changed = replace(found, updated_at=datetime.now(UTC))
    return await _put(app, "edit_notifier", changed, body.notifier, call)


@change.delete("/apps/{app}/notifiers/{notifier}", status_code=204)
async def remove(app: MutableApp, notifier: str, call: ThisCall) -> Response:
    """Remove a notifier, also from the alerts that name it."""
    found = existing(await notifiers.find(call.connection, app.id, notifier), "notifier")
    await notifiers.delete(call.connection, found)
    await call.record(app, "delete_notifier", timeline.notifier(found, call.region.settings.name))
    return Response(status_code=204)


def _made(app: App, body: AddNotifier, call: Call) -> Notifier:
    now = datetime.now(UTC)
    return Notifier(
        id=new_id(),
        app_id=app.id,
        made_by=call.migration_id,
        source_id=source_of(body.migration, call),
        name="",
        type=_type(body.notifier, call.region.settings.name),
        active=True,
        send_all_events=False,
        send_all_alerts=False,
        selected_event_ids=[],
        type_data={},
        created_at=now,
        updated_at=now,
    )


async def _put(app: App, kind: str, notifier: Notifier, terms: Terms, call: Call) -> NotifierBody:
    type_data = _addresses(
        notifier.type, {**notifier.type_data, **terms.type_data.model_dump(exclude_none=True)}
    )
    written = replace(notifier, type_data=type_data, **terms.given)
    if not set(written.selected_event_ids) <= set(event_type_ids(call.region.settings.name)):
        raise invalid(
            "selected_event_ids", "not all of them are event types of this region; see /v1/event_types"
        )
    await notifiers.put(call.connection, written)
    await call.record(app, kind, timeline.notifier(written, call.region.settings.name))
    return _shown(written, call)


def _type(new: NewNotifier, region: str) -> NotifierType:
    name = platform_named_by(region, new.platform_id)
    if name is None:
        raise invalid("platform_id", "is no platform of this region; see /v1/notification_platforms")
    if new.type not in (None, name):
        raise invalid("type", f"the platform is for notifiers of type {name}")
    return name


def _addresses(kind: str, known: dict[str, Any]) -> dict[str, Any]:
    """Return what a notifier of this kind is told; raises 422 when that leads nowhere."""
    if kind == "email":
        told: Sequence[str] = ("emails", "user_ids")
    else:
        told = ("webhook_url",)
    chosen = {name: known[name] for name in told if known.get(name)}
    if not chosen:
        raise invalid(told[0], f"a notifier of type {kind} needs {' or '.join(told)}")
    return chosen


def _shown(notifier: Notifier, call: Call) -> NotifierBody:
    return {"notifier": shapes.notifier(notifier, call.region.settings.name)}


def _platforms(region: str, names: Sequence[NotifierType]) -> PlatformsBody:
    return {"notification_platforms": [shapes.platform(region, name) for name in names]}
