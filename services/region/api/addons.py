"""Addons: list, show, add, change, remove, their tokens, and storky's restore and fingerprint."""

# ruff: noqa: FAST003 - dependencies read the path

import secrets
from dataclasses import replace

from fastapi import APIRouter, Depends, Response
from typing_extensions import TypedDict

from services.region.api import objects, shapes, sizing
from services.region.api.access import User, addon_token
from services.region.api.answers import accepted
from services.region.api.calls import Call, MutatingRoute
from services.region.api.dependencies import (
    MutableAddon,
    MutableApp,
    Reader,
    ThisCall,
    ThisRegion,
    VisibleAddon,
    VisibleApp,
    service_only,
)
from services.region.api.document import MIGRATIONS
from services.region.api.errors import invalid
from services.region.api.fields import Body, Short
from services.region.api.pulls import Pull, checked
from services.region.catalogue import Plan, Provider
from services.region.ids import new_id
from services.region.rules import timeline
from services.region.state import addons, discarded, operations, variables
from services.region.state.addons import Addon
from services.region.state.apps import App

read = APIRouter()
change = APIRouter(route_class=MutatingRoute)
extend = APIRouter(route_class=MutatingRoute, dependencies=[Depends(service_only)], tags=[MIGRATIONS])


class Options(Body):
    """What a provider can be told."""

    version: Short | None = None


class NewAddon(Body):
    """The provider and the plan, by id or by name."""

    addon_provider_id: Short
    plan_id: Short
    options: Options | None = None


class Source(Body):
    """The addon that the new one is the copy of."""

    source_id: Short


class AddAddon(Body):
    """`migration` is a service call's."""

    addon: NewAddon
    migration: Source | None = None


class PlanChange(Body):
    """Another plan."""

    plan_id: Short


class ChangeAddon(Body):
    """Wrapped, as clients send it."""

    addon: PlanChange


class AddonsBody(TypedDict):
    """All of them, wrapped as clients read them."""

    addons: list[objects.Addon]


class AddonBody(TypedDict):
    """One, wrapped as clients read it."""

    addon: objects.Addon


class AddedAddonBody(TypedDict):
    """An addon, and the names of the variables that it provides."""

    addon: objects.Addon
    message: str
    variables: list[str]


class AddonToken(TypedDict):
    """What the database API asks for."""

    token: str


class AddonTokenBody(TypedDict):
    """One, wrapped as clients read it."""

    addon: AddonToken


@read.get("/apps/{app}/addons")
async def index(app: VisibleApp, region: ThisRegion) -> AddonsBody:
    """List the app's addons."""
    known = await variables.every(region.pool, app.id)
    found = await addons.every(region.pool, app.id)
    sizes = [await sizing.size(region, addon) for addon in found]
    shown = zip(found, sizes, strict=True)
    return {"addons": [shapes.addon(addon, region.catalogue, known, size) for addon, size in shown]}


@read.get("/apps/{app}/addons/{addon}")
async def show(addon: VisibleAddon, region: ThisRegion) -> AddonBody:
    """Show an addon."""
    known = await variables.every(region.pool, addon.app_id)
    size = await sizing.size(region, addon)
    return {"addon": shapes.addon(addon, region.catalogue, known, size)}


@read.post("/apps/{app}/addons/{addon}/token")
async def token(addon: VisibleAddon, region: ThisRegion, caller: Reader) -> AddonTokenBody:
    """Return a token for the database API. It changes nothing, so a frozen app's addons have them too."""
    may_change = not isinstance(caller, User) or caller.may_change
    return {"addon": {"token": addon_token(region, addon.id, may_change=may_change)}}


@change.post("/apps/{app}/addons", status_code=201)
async def add(app: MutableApp, body: AddAddon, call: ThisCall) -> AddedAddonBody:
    """Add an addon and start to provision it; a migration that asks again is given the one it has made."""
    source_id = body.migration.source_id if body.migration and call.mandate else None
    addon = await _copy(app, source_id, call)
    if addon is None:
        addon = await _insert(app, body.addon, source_id, call)
        await _provision(app, addon, call)
        await call.record(app, "new_addon", timeline.addon(addon, call.region.catalogue))
    shape = await _shape(addon.id, call)
    return {"addon": shape, "message": "The addon is being provisioned", "variables": shape["variables"]}


@change.patch("/apps/{app}/addons/{addon}")
async def change_plan(app: MutableApp, addon: MutableAddon, body: ChangeAddon, call: ThisCall) -> AddonBody:
    """Move an addon to another plan of its provider; not to one that is too small for its data."""
    plan = _plan(call.region.catalogue.provider(addon.provider_id), body.addon.plan_id)
    size = await sizing.size(call.region, addon)
    if plan.disk_bytes and size and size > plan.disk_bytes:
        raise invalid("plan_id", f"holds {plan.disk_bytes} bytes, and the addon's data take up {size}")
    await addons.set_plan(call.connection, addon.id, plan.id)
    changed = replace(addon, plan_id=plan.id)
    await call.record(app, "upgrade_addon", timeline.addon(changed, call.region.catalogue, addon))
    return {"addon": await _shape(addon.id, call)}


@change.delete("/apps/{app}/addons/{addon}", status_code=204)
async def remove(app: MutableApp, addon: MutableAddon, call: ThisCall) -> Response:
    """Remove an addon with its data, its backups and its variables."""
    await discarded.addon(call.connection, addon.id)
    await addons.delete(call.connection, addon.id)
    await call.record(app, "delete_addon", timeline.addon(addon, call.region.catalogue))
    await operations.abandon(call.connection, lane=addon.id)
    call.afterwards(lambda: _clear(addon, call))
    return Response(status_code=204)


@extend.post("/apps/{app}/addons/{addon}/restore", status_code=202, response_model=objects.OperationBody)
async def restore(app: MutableApp, addon: MutableAddon, body: Pull, call: ThisCall) -> Response:
    """Start to restore a dump of another region into a freshly created database."""
    _refuse_without_data(addon, call)
    arguments = {"addon_id": addon.id, **checked(body, call.region)}
    return accepted(call, app, await call.start(app, "restore", arguments, lane=addon.id))


@extend.post("/apps/{app}/addons/{addon}/fingerprint", status_code=202, response_model=objects.OperationBody)
async def fingerprint(app: MutableApp, addon: MutableAddon, call: ThisCall) -> Response:
    """Start to compute what the addon's data is, in few bytes."""
    _refuse_without_data(addon, call)
    operation = await call.start(app, "fingerprint", {"addon_id": addon.id}, lane=addon.id)
    return accepted(call, app, operation)


async def _copy(app: App, source_id: str | None, call: Call) -> Addon | None:
    if source_id is None or call.migration_id is None:
        return None
    return await addons.copy_of(call.connection, app.id, call.migration_id, source_id)


async def _insert(app: App, wanted: NewAddon, source_id: str | None, call: Call) -> Addon:
    provider = _provider(wanted.addon_provider_id, call)
    version = _version(provider, wanted.options)
    addon = await addons.insert(
        call.connection,
        addon_id=f"ad-{new_id()}",
        app_id=app.id,
        provider_id=provider.id,
        plan_id=_plan(provider, wanted.plan_id).id,
        version=version,
        resource_id=f"{app.name.replace('-', '_')}_{secrets.token_hex(4)}",
        password=secrets.token_urlsafe(24),
        made_by=call.migration_id,
        source_id=source_id,
        port=await _port(provider, version, call),
    )
    if addon is None:
        raise invalid("addon_provider_id", "the app has an addon of this provider already")
    return addon


async def _provision(app: App, addon: Addon, call: Call) -> None:
    provider = call.region.catalogue.provider(addon.provider_id)
    engine = call.region.engine(addon)
    url = engine.url(addon.database) if engine else ""
    for name, value in provider.values(url, addon.resource_id, addon.password).items():
        await variables.provide(call.connection, app.id, addon.id, name, value)
    await call.start(app, "provision_addon", {"addon_id": addon.id}, lane=addon.id)


async def _port(provider: Provider, version: str, call: Call) -> int | None:
    if provider.engine is None:
        return None
    engine = call.region.engines[provider.engine, version]
    return engine.choose_port(await addons.ports(call.connection))


async def _shape(addon_id: str, call: Call) -> objects.Addon:
    addon = await addons.find(call.connection, addon_id)
    assert addon
    known = await variables.every(call.connection, addon.app_id)
    return shapes.addon(addon, call.region.catalogue, known, await sizing.size(call.region, addon))


async def _clear(addon: Addon, call: Call) -> None:
    await call.engine.cancel(lambda operation: operation.lane == addon.id)
    await call.region.collect()


def _provider(reference: str, call: Call) -> Provider:
    try:
        return call.region.catalogue.provider(reference)
    except KeyError:
        raise invalid("addon_provider_id", "is not offered in this region") from None


def _plan(provider: Provider, reference: str) -> Plan:
    try:
        return provider.plan(reference)
    except KeyError:
        raise invalid("plan_id", "is not offered in this region") from None


def _version(provider: Provider, options: Options | None) -> str:
    newest = provider.versions[-1] if provider.versions else ""
    version = options.version if options and options.version else newest
    if version not in provider.versions:
        raise invalid("version", f"this region has {', '.join(provider.versions) or 'none that runs'}")
    return version


def _refuse_without_data(addon: Addon, call: Call) -> None:
    if not call.region.catalogue.provider(addon.provider_id).has_data:
        raise invalid("addon", "this addon has no data")
