"""What handlers ask for: the region, the call, and the app or addon that the path names."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from services.region.api.access import (
    ADDON_TOKEN,
    TOKEN,
    AddonHolder,
    Caller,
    Service,
    User,
    database_caller,
    region_caller,
)
from services.region.api.calls import Call, Mandate
from services.region.api.errors import missing, refused
from services.region.operations.engine import Engine
from services.region.region import Region
from services.region.rules.freezing import refusal, refusal_to_delete, stranger
from services.region.state import addons, apps, surroundings
from services.region.state.addons import Addon
from services.region.state.apps import App
from services.region.state.database import Executor


def _region(request: Request) -> Region:
    region: Region = request.app.state.region
    return region


def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


_BEARER = HTTPBearer(
    auto_error=False, scheme_name=TOKEN, description="A user's JWT, or storky's service credential"
)
_ADDON_BEARER = HTTPBearer(
    auto_error=False, scheme_name=ADDON_TOKEN, description="Of POST /v1/apps/:a/addons/:id/token"
)


def _region_caller(request: Request, _shown: Annotated[object, Security(_BEARER)]) -> Caller:
    return region_caller(request)


def _database_caller(request: Request, _shown: Annotated[object, Security(_ADDON_BEARER)]) -> Caller:
    return database_caller(request)


def _call(request: Request) -> Call:
    call: Call = request.state.call
    return call


ThisRegion = Annotated[Region, Depends(_region)]
ThisEngine = Annotated[Engine, Depends(_engine)]
ThisCall = Annotated[Call, Depends(_call)]
Reader = Annotated[Caller, Depends(_region_caller)]
DatabaseReader = Annotated[Caller, Depends(_database_caller)]


def service_only(caller: Reader) -> None:
    """Refuse users: the routes of this router are storky's alone."""
    if not isinstance(caller, Service):
        raise refused(403, "service_only", "this call is for the migration service")


def _mandate(call: ThisCall) -> Mandate:
    assert call.mandate, "only a route of storky's own asks for its mandate"
    return call.mandate


ThisMandate = Annotated[Mandate, Depends(_mandate)]


async def _visible_app(app: str, region: ThisRegion, caller: Reader) -> App:
    return await _seen(await apps.find(region.pool, app), caller, region.pool)


async def _app_or_none(app: str, call: ThisCall) -> App | None:
    found = await apps.lock(call.connection, app)
    if found is None:
        return None
    return _changeable(await _seen(found, call.caller, call.connection), call)


async def _deletable_app(app: str, call: ThisCall) -> App | None:
    found = await apps.lock(call.connection, app)
    if found is None:
        return None
    seen = await _seen(found, call.caller, call.connection)
    if why := refusal_to_delete(seen, call.migration_id):
        raise refused(403, *why)
    return seen


async def _touchable_app(app: Annotated[App | None, Depends(_app_or_none)]) -> App:
    if app is None:
        raise missing("app")
    return app


async def _mutable_app(app: Annotated[App, Depends(_touchable_app)], call: ThisCall) -> App:
    return _own(app, call)


async def _invited_app(app: str, call: ThisCall) -> App:
    """Return an app that the caller may not see yet, but was invited to."""
    found = await apps.lock(call.connection, app)
    email = call.user.email.lower() if call.user else ""
    if found is None or not await surroundings.invited(call.connection, found.id, email):
        found = await _seen(found, call.caller, call.connection)
    return _own(_changeable(found, call), call)


VisibleApp = Annotated[App, Depends(_visible_app)]
MutableApp = Annotated[App, Depends(_mutable_app)]
# For what a migration begins with and ends with: to freeze, to unfreeze, to take the traffic back.
TouchableApp = Annotated[App, Depends(_touchable_app)]
InvitedApp = Annotated[App, Depends(_invited_app)]
TouchableAppOrNone = Annotated[App | None, Depends(_app_or_none)]
DeletableApp = Annotated[App | None, Depends(_deletable_app)]


async def _visible_addon(addon: str, app: VisibleApp, region: ThisRegion) -> Addon:
    return _belonging(await addons.find(region.pool, addon), app)


async def _mutable_addon(addon: str, app: MutableApp, call: ThisCall) -> Addon:
    return _belonging(await addons.find(call.connection, addon), app)


VisibleAddon = Annotated[Addon, Depends(_visible_addon)]
MutableAddon = Annotated[Addon, Depends(_mutable_addon)]


async def _database(database: str, region: ThisRegion, caller: DatabaseReader) -> Addon:
    return _opened(await addons.find(region.pool, database), region, caller)


async def _mutable_database(database: str, call: ThisCall) -> Addon:
    addon = _opened(await addons.find(call.connection, database), call.region, call.caller)
    app = await apps.lock(call.connection, addon.app_id)
    if app is None:
        raise missing("database")
    _own(_changeable(app, call), call)
    return addon


Database = Annotated[Addon, Depends(_database)]
MutableDatabase = Annotated[Addon, Depends(_mutable_database)]


def owner_only(app: App, caller: Caller) -> None:
    """Refuse collaborators: they may do all but delete the app."""
    if isinstance(caller, User) and not caller.sees(app.owner["id"]):
        raise refused(403, "owner_only", f"only the owner of {app.name} may do this")


async def _seen(app: App | None, caller: Caller, connection: Executor) -> App:
    if app is None or not await _visible(app, caller, connection):
        raise missing("app")
    return app


async def _visible(app: App, caller: Caller, connection: Executor) -> bool:
    if not isinstance(caller, User) or caller.sees(app.owner["id"]):
        return True
    return await surroundings.collaborates(connection, app.id, caller.id)


def _changeable(app: App, call: Call) -> App:
    """Refuse a frozen app: the one place where that rule is kept."""
    if why := refusal(app, call.migration_id):
        raise refused(403, *why)
    return app


def _own(app: App, call: Call) -> App:
    if why := stranger(app, call.migration_id):
        raise refused(403, *why)
    return app


def _belonging(addon: Addon | None, app: App) -> Addon:
    if addon is None or addon.app_id != app.id:
        raise missing("addon")
    return addon


def _opened(addon: Addon | None, region: Region, caller: Caller) -> Addon:
    foreign = isinstance(caller, AddonHolder) and addon and caller.addon_id != addon.id
    if addon is None or foreign or not region.catalogue.provider(addon.provider_id).has_data:
        raise missing("database")
    return addon
