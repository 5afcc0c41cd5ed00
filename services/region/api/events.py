"""The timeline of an app, and that of all apps of a user."""

from fastapi import APIRouter
from typing_extensions import TypedDict

from services.region.api import surrounding_objects
from services.region.api import surroundings as shapes
from services.region.api.access import User
from services.region.api.dependencies import Reader, ThisRegion, VisibleApp
from services.region.api.pages import AskedPage, Meta
from services.region.state import events

read = APIRouter()


class EventsBody(TypedDict):
    """A page of them."""

    events: list[surrounding_objects.Event]
    meta: Meta


@read.get("/apps/{app}/events")
async def of_app(app: VisibleApp, region: ThisRegion, page: AskedPage) -> EventsBody:
    """List what was done to the app, newest first."""
    found = await events.of_app(region.pool, app.id, page.size, page.offset)
    total = await events.count_of_app(region.pool, app.id)
    return {"events": [shapes.event(each) for each in found], "meta": page.meta(total)}


@read.get("/events")
async def of_user(region: ThisRegion, caller: Reader, page: AskedPage) -> EventsBody:
    """List what was done to all apps that the caller may see, newest first."""
    user_id = caller.id if isinstance(caller, User) and caller.role == "user" else None
    found = await events.of_user(region.pool, user_id, page.size, page.offset)
    total = await events.count_of_user(region.pool, user_id)
    return {"events": [shapes.event(each) for each in found], "meta": page.meta(total)}
