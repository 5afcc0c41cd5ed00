"""Custom domains; a name belongs to one app of the region."""

from dataclasses import dataclass
from datetime import datetime

from services.region.state.database import Connection, Executor
from services.region.state.statements import load

SQL = load("domains")


@dataclass(frozen=True)
class Domain:
    """A custom domain of an app."""

    id: str
    app_id: str
    name: str
    canonical: bool
    letsencrypt_enabled: bool
    created_at: datetime


async def insert(
    connection: Connection,
    *,
    domain_id: str,
    app_id: str,
    name: str,
    canonical: bool,
    letsencrypt_enabled: bool,
) -> bool:
    """Add a domain; returns False, and adds nothing, when the name is taken."""
    values = (domain_id, app_id, name, canonical, letsencrypt_enabled)
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


async def change(
    connection: Connection, domain_id: str, canonical: bool | None, letsencrypt_enabled: bool | None
) -> None:
    """Change what is given."""
    await connection.execute(SQL["change"], domain_id, canonical, letsencrypt_enabled)


async def delete(connection: Connection, domain_id: str) -> None:
    """Delete a domain."""
    await connection.execute(SQL["delete"], domain_id)
