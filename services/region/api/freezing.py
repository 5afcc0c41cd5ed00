"""What a migration does to an app as a whole: freeze, unfreeze, stop, start, mark as migrated."""

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from typing_extensions import TypedDict

from events.inventory import Inventory
from services.region.api import objects, shapes
from services.region.api.answers import accepted
from services.region.api.calls import Call, MutatingRoute
from services.region.api.dependencies import MutableApp, ThisCall, ThisMandate, TouchableApp, service_only
from services.region.api.document import MIGRATIONS
from services.region.api.fields import Body, Short
from services.region.rules import timeline
from services.region.rules.inventory import take
from services.region.state import (
    addons,
    apps,
    backups,
    deployments,
    domains,
    formation,
    operations,
    surroundings,
    variables,
)
from services.region.state.apps import App

extend = APIRouter(route_class=MutatingRoute, dependencies=[Depends(service_only)], tags=[MIGRATIONS])


class Destination(Body):
    """Where the app is to live, or lives now."""

    region: Short
    app: Short


class InventoryBody(TypedDict):
    """What there is of an app, wrapped."""

    inventory: Inventory


@extend.post("/apps/{app}/freeze", response_model=InventoryBody)
async def freeze(app: TouchableApp, body: Destination, call: ThisCall, mandate: ThisMandate) -> Response:
    """Freeze the app, wait for what runs, and say what there is. So its timeline says that it moves.

    The 503 is returned, not raised: the freeze itself is committed, and nothing new can begin.
    """
    if app.inventory:
        return JSONResponse({"inventory": app.inventory})
    if app.frozen_by is None:
        here = call.region.settings.name
        data = timeline.migration(mandate.migration_id, source=here, destination=body.region, app=body.app)
        await call.record(app, "start_region_migration", data)
    await apps.freeze(call.connection, app.id, mandate.migration_id)
    if busy := await operations.others_unfinished(call.connection, app.id, mandate.migration_id):
        return _ask_again(busy)
    inventory = (await _inventory(app, call)).model_dump(mode="json")
    await apps.freeze(call.connection, app.id, mandate.migration_id, inventory)
    return JSONResponse({"inventory": inventory})


@extend.delete("/apps/{app}/freeze", status_code=204)
async def unfreeze(app: TouchableApp, call: ThisCall, mandate: ThisMandate) -> Response:
    """Give the app back to its owner, running if it ran, whether it is healthy or not."""
    await apps.unfreeze(call.connection, app.id)
    await backups.withdraw(call.connection, app.id, mandate.migration_id)
    call.afterwards(lambda: call.region.settle(app.id))
    call.afterwards(call.region.collect)
    return Response(status_code=204)


@extend.post("/apps/{app}/stop", status_code=202, response_model=objects.OperationBody)
async def stop(app: MutableApp, call: ThisCall) -> Response:
    """Start to stop the containers; the formation keeps its amounts."""
    await call.record(app, "stop_app", {"reason": "migration"})
    return accepted(call, app, await call.start(app, "stop_app"))


@extend.post("/apps/{app}/start", status_code=202, response_model=objects.OperationBody)
async def start(app: MutableApp, call: ThisCall) -> Response:
    """Start the formation."""
    await call.record(app, "restart", {"scope": []})
    return accepted(call, app, await call.start(app, "start_app"))


@extend.post("/apps/{app}/migrated")
async def mark_migrated(
    app: MutableApp, body: Destination, call: ThisCall, mandate: ThisMandate
) -> objects.AppBody:
    """Make the app read-only for good: it lives elsewhere."""
    await apps.mark_migrated(call.connection, app.id, mandate.migration_id, f"{body.region}/{body.app}")
    call.afterwards(call.region.routing.apply)
    marked = await apps.find(call.connection, app.id)
    assert marked
    return {"app": shapes.app(marked, call.region.settings)}


async def _inventory(app: App, call: Call) -> Inventory:
    connection = call.connection
    return take(
        app,
        call.region.catalogue,
        formation=await formation.read(connection, app.id),
        build=await deployments.find(connection, app.id, app.build_id) if app.build_id else None,
        variables=await variables.every(connection, app.id),
        domains=await domains.of_app(connection, app.id),
        addons=await addons.every(connection, app.id),
        counts=await surroundings.counts(connection, app.id),
    )


def _ask_again(busy: list[str]) -> Response:
    if "deploy" in busy:
        body = {"error": "a deployment is still running; ask again", "code": "deployment_running"}
    else:
        body = {"error": f"an operation is still running ({busy[0]}); ask again", "code": "operation_running"}
    return JSONResponse(body, 503)
