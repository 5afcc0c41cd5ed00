"""Answers that more than one resource gives."""

from typing import TypeVar

from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from services.region.api import shapes
from services.region.api.access import Caller, Service
from services.region.api.calls import Call
from services.region.api.errors import missing
from services.region.api.objects import FormationBody
from services.region.region import Region
from services.region.state.apps import App
from services.region.state.operations import Operation

Found = TypeVar("Found")


def address(region: Region, caller: Caller) -> str:
    """Return where the caller reaches this region: storky and other regions do not go through the gateway."""
    if isinstance(caller, Service):
        return region.settings.own_url
    return region.settings.public_url.rstrip("/")


def accepted(
    call: Call, app: App, operation: Operation, formation: FormationBody | None = None
) -> JSONResponse:
    """Return a 202 that says where the operation can be looked at."""
    base = address(call.region, call.caller)
    headers = {"Location": f"{base}/v1/apps/{app.name}/operations/{operation.id}"}
    content = formation or {"operation": shapes.operation(operation)}
    return JSONResponse(jsonable_encoder(content), 202, headers)


def existing(found: Found | None, resource: str) -> Found:
    """Return what was found; raises 404."""
    if found is None:
        raise missing(resource)
    return found
