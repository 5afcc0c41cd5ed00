"""Custom domains."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel

from services.region.api import shapes
from services.region.api.calls import Call, MutatingRoute
from services.region.api.dependencies import MutableApp, ThisCall, ThisRegion, VisibleApp
from services.region.api.errors import invalid, missing
from services.region.api.fields import Host
from services.region.ids import new_id
from services.region.state import domains
from services.region.state.apps import App
from services.region.state.domains import Domain

read = APIRouter()
change = APIRouter(route_class=MutatingRoute)


class NewDomain(BaseModel):
    """A domain; certificates of one's own are not served by this region."""

    name: Host
    canonical: bool = False
    letsencrypt_enabled: bool = True
    tlscert: str | None = None
    tlskey: str | None = None


class AddDomain(BaseModel):
    """Wrapped, as clients send it."""

    domain: NewDomain


class DomainChange(BaseModel):
    """What is not given stays."""

    canonical: bool | None = None
    letsencrypt_enabled: bool | None = None


class ChangeDomain(BaseModel):
    """Wrapped, as clients send it."""

    domain: DomainChange


@read.get("/apps/{app}/domains")
async def index(app: VisibleApp, region: ThisRegion) -> dict[str, Any]:
    """List the app's domains."""
    return {"domains": [shapes.domain(domain) for domain in await domains.of_app(region.pool, app.id)]}


@read.get("/apps/{app}/domains/{domain}")
async def show(app: VisibleApp, domain: str, region: ThisRegion) -> dict[str, Any]:
    """Show a domain."""
    found = await domains.find(region.pool, app.id, domain)
    if found is None:
        raise missing("domain")
    return {"domain": shapes.domain(found)}


@change.post("/apps/{app}/domains", status_code=201)
async def add(app: MutableApp, body: AddDomain, call: ThisCall) -> dict[str, Any]:
    """Add a domain; a migration that asks again is given the one that is there."""
    new = body.domain
    if new.tlscert or new.tlskey:
        raise invalid("tlscert", "this region serves plain HTTP and takes no certificates")
    if f".{new.name}".endswith(f".{call.region.settings.apps_domain}"):
        raise invalid("name", "belongs to the platform")
    added = await domains.insert(
        call.connection,
        domain_id=new_id(),
        app_id=app.id,
        name=new.name,
        canonical=new.canonical,
        letsencrypt_enabled=new.letsencrypt_enabled,
    )
    domain = await domains.named(call.connection, new.name)
    assert domain
    if not added and (call.mandate is None or domain.app_id != app.id):
        raise invalid("name", "has already been taken")
    return await _served(app, domain.id, call)


@change.patch("/apps/{app}/domains/{domain}")
async def change_domain(app: MutableApp, domain: str, body: ChangeDomain, call: ThisCall) -> dict[str, Any]:
    """Change a domain."""
    found = await _found(app, domain, call)
    await domains.change(call.connection, found.id, body.domain.canonical, body.domain.letsencrypt_enabled)
    return await _served(app, found.id, call)


@change.delete("/apps/{app}/domains/{domain}", status_code=204)
async def remove(app: MutableApp, domain: str, call: ThisCall) -> Response:
    """Take a domain from the app."""
    found = await _found(app, domain, call)
    await domains.delete(call.connection, found.id)
    call.afterwards(call.region.routing.apply)
    return Response(status_code=204)


async def _found(app: App, domain_id: str, call: Call) -> Domain:
    found = await domains.find(call.connection, app.id, domain_id)
    if found is None:
        raise missing("domain")
    return found


async def _served(app: App, domain_id: str, call: Call) -> dict[str, Any]:
    domain = await _found(app, domain_id, call)
    if domain.canonical:
        await domains.only_canonical(call.connection, app.id, domain.id)
    call.afterwards(call.region.routing.apply)
    return {"domain": shapes.domain(domain)}
