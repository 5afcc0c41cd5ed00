"""Custom domains, and their certificates.

A domain has one of Let's Encrypt, which the region's own authority plays, or one of its owner's.
"""

from datetime import UTC, datetime
from typing import Annotated, Self

import anyio
from fastapi import APIRouter, Depends, Response
from pydantic import Field, StringConstraints, model_validator
from typing_extensions import TypedDict

from services.region.api import objects, shapes
from services.region.api.calls import Call, MutatingRoute
from services.region.api.dependencies import MutableApp, ThisCall, ThisRegion, VisibleApp, service_only
from services.region.api.document import MIGRATIONS
from services.region.api.errors import invalid, missing
from services.region.api.fields import Body, Host
from services.region.ids import new_id
from services.region.machinery.authority import Certificate
from services.region.rules import certificates, timeline
from services.region.rules.certificates import CertificateError
from services.region.state import domains, handovers
from services.region.state.apps import App
from services.region.state.domains import Domain

read = APIRouter()
change = APIRouter(route_class=MutatingRoute)

Pem = Annotated[str, StringConstraints(max_length=65_536)]


class Security(Body):
    """How a domain is secured: by Let's Encrypt, or with a certificate chain and its key."""

    letsencrypt_enabled: bool | None = None
    tlscert: Pem | None = None
    tlskey: Pem | None = Field(default=None, repr=False)


class NewDomain(Security):
    """A domain; by Let's Encrypt unless something else is said."""

    name: Host
    canonical: bool = False


class AddDomain(Body):
    """Wrapped, as clients send it."""

    domain: NewDomain


class DomainChange(Security):
    """What is not given stays. An empty certificate and key take the domain's own away."""

    canonical: bool | None = None

    @model_validator(mode="after")
    def _back_to_letsencrypt(self) -> Self:
        if self.tlscert == self.tlskey == "" and self.letsencrypt_enabled is None:
            self.letsencrypt_enabled = True
        return self


class ChangeDomain(Body):
    """Wrapped, as clients send it."""

    domain: DomainChange


class DomainsBody(TypedDict):
    """All of them, wrapped as clients read them."""

    domains: list[objects.Domain]


class DomainBody(TypedDict):
    """One, wrapped as clients read it."""

    domain: objects.Domain


class ServedCertificate(TypedDict):
    """A certificate chain and its key, in PEM."""

    tlscert: str
    tlskey: str
    letsencrypt: bool


class CertificateBody(TypedDict):
    """One, wrapped as clients read it."""

    certificate: ServedCertificate


@read.get("/apps/{app}/domains")
async def index(app: VisibleApp, region: ThisRegion) -> DomainsBody:
    """List the app's domains."""
    return {"domains": [shapes.domain(domain) for domain in await domains.of_app(region.pool, app.id)]}


@read.get("/apps/{app}/domains/{domain}")
async def show(app: VisibleApp, domain: str, region: ThisRegion) -> DomainBody:
    """Show a domain."""
    found = await domains.find(region.pool, app.id, domain)
    if found is None:
        raise missing("domain")
    return {"domain": shapes.domain(found)}


@read.get("/apps/{app}/domains/{domain}/certificate", dependencies=[Depends(service_only)], tags=[MIGRATIONS])
async def certificate(
    app: VisibleApp, domain: str, region: ThisRegion, response: Response
) -> CertificateBody:
    """Give storky the certificate, and its key, to be served elsewhere."""
    found = await domains.find(region.pool, app.id, domain)
    if found is None:
        raise missing("domain")
    served = found.certificate
    if served is None:
        raise missing("certificate")
    response.headers["Cache-Control"] = "no-store"
    return {
        "certificate": {
            "tlscert": served.chain,
            "tlskey": served.key,
            "letsencrypt": found.letsencrypt_enabled,
        }
    }


@change.post("/apps/{app}/domains", status_code=201)
async def add(app: MutableApp, body: AddDomain, call: ThisCall) -> DomainBody:
    """Add a domain; a migration that asks again is given the one that is there."""
    name = body.domain.name
    if f".{name}".endswith(f".{call.region.settings.apps_domain}"):
        raise invalid("name", "belongs to the platform")
    found = await domains.named(call.connection, name)
    if call.mandate is None or found is None or found.app_id != app.id:
        found = await _added(app, body.domain, call)
        await call.record(app, "new_domain", timeline.domain(found))
    return await _served(app, found.id, call)


@change.patch("/apps/{app}/domains/{domain}")
async def change_domain(app: MutableApp, domain: str, body: ChangeDomain, call: ThisCall) -> DomainBody:
    """Change a domain."""
    found, asked = await _found(app, domain, call), body.domain
    if asked.canonical is not None:
        await domains.set_canonical(call.connection, found.id, asked.canonical)
    if asked.tlscert or asked.tlskey or asked.letsencrypt_enabled not in (None, found.letsencrypt_enabled):
        enabled, secured = await _secured(found.name, asked, call)
        await domains.set_certificate(call.connection, found.id, enabled, secured)
    changed = await _found(app, domain, call)
    await call.record(app, "edit_domain", timeline.domain(changed, found))
    return await _served(app, found.id, call)


@change.delete("/apps/{app}/domains/{domain}", status_code=204)
async def remove(app: MutableApp, domain: str, call: ThisCall) -> Response:
    """Take a domain from the app."""
    found = await _found(app, domain, call)
    await domains.delete(call.connection, found.id)
    await call.record(app, "delete_domain", timeline.domain(found))
    call.afterwards(call.region.routing.apply)
    return Response(status_code=204)


async def _found(app: App, domain_id: str, call: Call) -> Domain:
    found = await domains.find(call.connection, app.id, domain_id)
    if found is None:
        raise missing("domain")
    return found


async def _added(app: App, new: NewDomain, call: Call) -> Domain:
    enabled, secured = await _secured(new.name, new, call)
    await domains.release(call.connection, new.name, app.owner["id"])
    domain_id = new_id()
    added = await domains.insert(
        call.connection,
        domain_id=domain_id,
        app_id=app.id,
        name=new.name,
        canonical=new.canonical,
        letsencrypt_enabled=enabled,
        certificate=secured,
    )
    if not added:
        raise invalid("name", "has already been taken")
    if kept := await handovers.domain_kept_until(call.connection, new.name, app.owner["id"]):
        raise invalid(
            "name", f"is kept until {kept:%Y-%m-%d %H:%M} UTC for the owner of an app that has moved"
        )
    return await _found(app, domain_id, call)


async def _secured(host: str, asked: Security, call: Call) -> tuple[bool, Certificate | None]:
    """Return whether Let's Encrypt renews the certificate, and the certificate.

    A migration brings the one that Let's Encrypt has issued elsewhere; it is served until it is renewed.
    """
    if asked.tlscert or asked.tlskey:
        if call.user and asked.letsencrypt_enabled:
            raise invalid("letsencrypt_enabled", "leave it out: a certificate of one's own takes its place")
        return bool(asked.letsencrypt_enabled), await _uploaded(host, asked, call)
    if asked.letsencrypt_enabled is False:
        return False, None
    return True, call.region.authority.issue(host)


async def _uploaded(host: str, asked: Security, call: Call) -> Certificate:
    if not (asked.tlscert and asked.tlskey):
        missing_one = "tlskey" if asked.tlscert else "tlscert"
        raise invalid(missing_one, "is missing: upload the certificate and its key")
    try:
        # In a thread: a large RSA key takes a while to check.
        given = await anyio.to_thread.run_sync(
            certificates.read, asked.tlscert, asked.tlskey, host, datetime.now(UTC)
        )
    except CertificateError as error:
        raise invalid(error.field, str(error)) from None
    if not await call.region.routing.can_serve(given):
        raise invalid("tlscert", "is no certificate that the front can read")
    return given


async def _served(app: App, domain_id: str, call: Call) -> DomainBody:
    domain = await _found(app, domain_id, call)
    if domain.canonical:
        await domains.only_canonical(call.connection, app.id, domain.id)
    call.afterwards(call.region.routing.apply)
    return {"domain": shapes.domain(domain)}
