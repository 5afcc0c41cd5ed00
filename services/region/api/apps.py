"""Apps: list, show, create, settings, destroy."""

from fastapi import APIRouter, Response
from typing_extensions import TypedDict

from services.region.api import objects, shapes
from services.region.api.access import User
from services.region.api.calls import PLATFORM, Call, MutatingRoute
from services.region.api.dependencies import (
    DeletableApp,
    MutableApp,
    Reader,
    ThisCall,
    ThisRegion,
    VisibleApp,
    owner_only,
)
from services.region.api.errors import invalid, missing, refused
from services.region.api.fields import Body, Name, Short
from services.region.ids import new_id
from services.region.region import Region
from services.region.rules import timeline
from services.region.state import apps, discarded, events, handovers, remembered
from services.region.state.apps import App
from services.region.state.people import Person

read = APIRouter()
change = APIRouter(route_class=MutatingRoute)


class NewApp(Body):
    """What an app is made of."""

    name: Name
    stack_id: Short | None = None


class Owner(Body):
    """The user an app belongs to, as another region names them."""

    id: Short
    username: Short
    email: Short

    @property
    def person(self) -> Person:
        """The same as it is kept."""
        return {"id": self.id, "username": self.username, "email": self.email}


class Source(Body):
    """The app that a new one is the copy of."""

    source_region: Short
    source_app: Short


class CreateApp(Body):
    """`owner` and `migration` are a service call's."""

    app: NewApp
    owner: Owner | None = None
    migration: Source | None = None


class Settings(Body):
    """What is not given stays."""

    force_https: bool | None = None
    sticky_session: bool | None = None
    router_logs: bool | None = None


class Stack(Body):
    """A change of the stack."""

    stack_id: Short


class ChangeStack(Body):
    """Wrapped, as clients send it."""

    app: Stack


class AppsBody(TypedDict):
    """All of them, wrapped as clients read them."""

    apps: list[objects.App]


@read.get("/apps")
async def index(region: ThisRegion, caller: Reader) -> AppsBody:
    """List the apps that the caller may see."""
    user_id = caller.id if isinstance(caller, User) and caller.role == "user" else None
    return {"apps": [shapes.app(each, region.settings) for each in await apps.every(region.pool, user_id)]}


@read.get("/apps/{app}")
async def show(app: VisibleApp, region: ThisRegion) -> objects.AppBody:
    """Show an app."""
    return {"app": shapes.app(app, region.settings)}


@change.post("/apps", status_code=201)
async def create(body: CreateApp, call: ThisCall) -> objects.AppBody:
    """Create an app; a migration that asks again is given the one it has made."""
    stack_id = _stack(call.region, body.app.stack_id)
    source = body.migration
    source_id = f"{source.source_region}/{source.source_app}" if source else None
    name, owner = body.app.name, _owner(call, body)
    added = await apps.insert(
        call.connection,
        app_id=new_id(),
        name=name,
        owner=owner,
        stack_id=stack_id,
        made_by=call.migration_id,
        source_id=source_id,
    )
    app = await apps.find(call.connection, name)
    assert app
    if not added and (call.migration_id is None or app.made_by != call.migration_id):
        raise invalid("name", "has already been taken")
    if kept := await handovers.name_kept_until(call.connection, name, owner["id"]):
        raise invalid(
            "name", f"is kept until {kept:%Y-%m-%d %H:%M} UTC for the owner of an app that has moved"
        )
    if added:
        await _record_creation(app, source, call)
    call.afterwards(call.region.routing.apply)
    return {"app": shapes.app(app, call.region.settings)}


@change.put("/apps/{app}")
async def change_settings(app: MutableApp, body: Settings, call: ThisCall) -> objects.AppBody:
    """Change the app's settings."""
    if changes := body.model_dump(exclude_none=True):
        await apps.change(call.connection, app.id, **changes)
        await call.record(app, "edit_app", changes)
    call.afterwards(call.region.routing.apply)
    return await _shown(app, call)


@change.patch("/apps/{app}")
async def change_stack(app: MutableApp, body: ChangeStack, call: ThisCall) -> objects.AppBody:
    """Move the app to another stack at its next deployment."""
    stack_id = _stack(call.region, body.app.stack_id)
    await apps.change(call.connection, app.id, stack_id=stack_id)
    await call.record(app, "stack_changed", timeline.stack(app.stack_id, stack_id, call.region.catalogue))
    return await _shown(app, call)


@change.delete("/apps/{app}", status_code=204)
async def destroy(app: DeletableApp, call: ThisCall, current_name: str = "") -> Response:
    """Delete an app and all it has; the hand-over of one that has moved away stays until its end.

    For a migration, one that is gone already is fine.
    """
    if app is None and call.mandate:
        return Response(status_code=204)
    if app is None:
        raise missing("app")
    owner_only(app, call.caller)
    if current_name not in (app.name, app.id):  # clients repeat what the app was called by
        raise invalid("current_name", "must be the app's name, or its id")
    if call.mandate and app.made_by != call.migration_id:
        raise refused(403, "not_made_by_migration", "a migration deletes only the apps that it has made")
    if not app.migrated_to:
        await handovers.delete(call.connection, app.id)
    await discarded.app(call.connection, app.id)
    await apps.delete(call.connection, app.id)
    await events.forget(call.connection, app.id)
    await call.record(app, "delete_app", {})
    if app.made_by:
        await remembered.forget_bodies(call.connection, app.made_by)
    call.afterwards(lambda: _clear(call, app))
    return Response(status_code=204)


async def _record_creation(app: App, source: Source | None, call: Call) -> None:
    await call.record(app, "new_app", {"git_source": ""})
    if source and call.migration_id:
        here = call.region.settings.name
        data = timeline.migration(
            call.migration_id, source=source.source_region, destination=here, app=app.name
        )
        await call.record(app, "start_region_migration", data)


async def _clear(call: Call, app: App) -> None:
    await call.engine.cancel(lambda operation: operation.app_id == app.id)
    await call.region.settle(app.id)
    await call.region.collect()


async def _shown(app: App, call: Call) -> objects.AppBody:
    changed = await apps.find(call.connection, app.id)
    assert changed
    return {"app": shapes.app(changed, call.region.settings)}


def _owner(call: Call, body: CreateApp) -> Person:
    if call.user:
        return call.user.public
    return body.owner.person if body.owner else PLATFORM


def _stack(region: Region, reference: str | None) -> str:
    try:
        return (region.catalogue.stack(reference) if reference else region.catalogue.default_stack).id
    except KeyError:
        raise invalid("stack_id", "is not a stack of this region; see /v1/features/stacks") from None
