"""An app's traffic, handed over to another region; and where this region takes in traffic."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import anyio
from fastapi import APIRouter, Depends, Response
from typing_extensions import TypedDict

from services.common.times import Time
from services.region.api.calls import MutatingRoute
from services.region.api.dependencies import (
    MutableApp,
    ThisCall,
    ThisMandate,
    ThisRegion,
    TouchableAppOrNone,
    service_only,
)
from services.region.api.document import MIGRATIONS
from services.region.api.errors import invalid
from services.region.api.fields import Body, Host, Name, Short, Url
from services.region.region import Region
from services.region.state import handovers

read = APIRouter(dependencies=[Depends(service_only)], tags=[MIGRATIONS])
extend = APIRouter(route_class=MutatingRoute, dependencies=[Depends(service_only)], tags=[MIGRATIONS])


class Handover(Body):
    """Where the traffic goes: `host` is the app's own host there."""

    region: Short
    app: Name
    front: Url
    host: Host
    expires_at: Time


class Front(TypedDict):
    """Where the region takes in traffic."""

    url: str
    tls_url: str
    domain: str
    addresses: list[str]


class FrontBody(TypedDict):
    """One, wrapped as clients read it."""

    front: Front


class HandoverBody(TypedDict):
    """One, wrapped as clients read it."""

    handover: Handover


@read.get("/front")
async def front(region: ThisRegion) -> FrontBody:
    """Say where the region takes in the traffic of its apps, and what a custom domain's A records hold."""
    settings = region.settings
    found = await anyio.getaddrinfo(urlsplit(settings.front_url).hostname, None)
    return {
        "front": {
            "url": settings.front_url,
            "tls_url": settings.front_tls_url,
            "domain": settings.apps_domain,
            "addresses": sorted({str(address[0]) for *_, address in found}),
        }
    }


@extend.post("/apps/{app}/handover")
async def hand_over(app: MutableApp, body: Handover, call: ThisCall, mandate: ThisMandate) -> HandoverBody:
    """Send all requests for the app to another region's front."""
    _refuse_strange(body, call.region)
    await handovers.put(
        call.connection,
        app_id=app.id,
        migration_id=mandate.migration_id,
        region=body.region,
        app=body.app,
        front=body.front,
        host=body.host,
        expires_at=body.expires_at,
    )
    call.afterwards(call.region.routing.apply)
    return {"handover": body}


@extend.delete("/apps/{app}/handover", status_code=204)
async def take_back(app: str, _touched: TouchableAppOrNone, call: ThisCall, mandate: ThisMandate) -> Response:
    """Serve the app here again, if it is still there."""
    await handovers.take_back(call.connection, mandate.migration_id, app)
    call.afterwards(call.region.routing.apply)
    return Response(status_code=204)


def _refuse_strange(body: Handover, region: Region) -> None:
    if body.front.rstrip("/") not in {peer.front.rstrip("/") for peer in region.settings.peers.values()}:
        raise invalid("front", "is not the front of a region")
    if body.expires_at <= datetime.now(UTC):
        raise invalid("expires_at", "lies in the past")
