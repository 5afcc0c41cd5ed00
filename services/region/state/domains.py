"""Custom domains, with their certificates; a name belongs to one app of the region."""

from dataclasses import dataclass, field
from datetime import datetime

from services.region.machinery.authority import Certificate
from services.region.state.database import Connection, Executor
from services.region.state.statements import load

SQL = load("domains")


@dataclass(frozen=True)
class Domain:
    """A custom domain of an app. Its certificate is one of Let's Encrypt just if `letsencrypt_enabled`."""

    id: str
    app_id: str
    name: str
    canonical: bool
    letsencrypt_enabled: bool
    created_at: datetime
    tlscert: str | None
    tlskey: str | None = field(repr=False)
    valid_from: datetime | None
    valid_until: datetime | None

    @property
    def certificate(self) -> Certificate | None:
        """The certificate, if there is one."""
        return stored(self.tlscert, self.tlskey, self.valid_from, self.valid_until)


def stored(
    chain: str | None, key: str | None, valid_from: datetime | None, valid_until: datetime | None
) -> Certificate | None:
    """Return the certificate that four columns of a row hold, if they do."""
    if chain is None or key is None or valid_from is None or valid_until is None:
        return None
    return Certificate(chain, key, valid_from, valid_until)


async def insert(
    connection: Connection,
    *,
    domain_id: str,
    app_id: str,
    name: str,
    canonical: bool,
    letsencrypt_enabled: bool,
    certificate: Certificate | None,
) -> bool:
    """Add a domain; returns False, and adds nothing, when the name is taken."""
    values = (domain_id, app_id, name, canonical, letsencrypt_enabled, *_columns(certificate))
    tag = await connection.execute(SQL["insert"], *values)
    return tag.endswith(" 1")


async def named(connection: Connection, name: str) -> Domain | None:
    """Return the domain of that name, whoever has it."""
    row = await connection.fetchrow(SQL["named"], name)
    return Domain(**row) if row else None


async def find(connection: Executor, app_id: str, domain_id: str) -> Domain | None:
    """Return a domain of an app."""
    row = await connection.fetchrow(SQL["find"], app_id, domain_id)
    return Domain(**row) if row else None


async def of_app(connection: Executor, app_id: str) -> list[Domain]:
    """Return an app's domains, by name."""
    return [Domain(**row) for row in await connection.fetch(SQL["of_app"], app_id)]


async def every(connection: Executor) -> list[Domain]:
    """Return all domains of the region, by name."""
    return [Domain(**row) for row in await connection.fetch(SQL["every"])]


async def only_canonical(connection: Connection, app_id: str, domain_id: str) -> None:
    """Take the canonical mark from the app's other domains."""
    await connection.execute(SQL["only_canonical"], app_id, domain_id)


async def set_canonical(connection: Connection, domain_id: str, canonical: bool) -> None:
    """Give a domain the canonical mark, or take it."""
    await connection.execute(SQL["set_canonical"], domain_id, canonical)


async def set_certificate(
    connection: Connection, domain_id: str, letsencrypt_enabled: bool, certificate: Certificate | None
) -> None:
    """Say whose the domain's certificate is, and which."""
    values = _columns(certificate)
    await connection.execute(SQL["set_certificate"], domain_id, letsencrypt_enabled, *values)


async def of_letsencrypt(connection: Executor) -> list[Domain]:
    """Return the domains of apps that live here whose certificates are those of Let's Encrypt."""
    return [Domain(**row) for row in await connection.fetch(SQL["of_letsencrypt"])]


async def renew(connection: Executor, domain_id: str, certificate: Certificate) -> None:
    """Serve a domain with a new certificate of Let's Encrypt, unless its owner has just said otherwise."""
    await connection.execute(SQL["renew"], domain_id, *_columns(certificate))


async def release(connection: Connection, name: str, owner_id: str) -> None:
    """Take a name from that owner's app which has moved away, if it has it: it is wanted for another one."""
    await connection.execute(SQL["release"], name, owner_id)


async def delete(connection: Connection, domain_id: str) -> None:
    """Delete a domain."""
    await connection.execute(SQL["delete"], domain_id)


def _columns(certificate: Certificate | None) -> tuple[str | datetime | None, ...]:
    if certificate is None:
        return (None, None, None, None)
    return (certificate.chain, certificate.key, certificate.valid_from, certificate.valid_until)
