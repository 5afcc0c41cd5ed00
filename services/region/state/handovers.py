"""Hand-overs: whose traffic goes to another region, and until when. One outlives its app."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.region.machinery.authority import Certificate
from services.region.state.database import Connection, Executor
from services.region.state.domains import stored
from services.region.state.statements import load

SQL = load("handovers")


@dataclass(frozen=True)
class Handover:
    """The traffic of `app_name` goes to `app` in `region`, by way of `front` and under `host`.

    `domains` are the custom ones, each with the certificate it had.
    """

    app_id: str
    migration_id: UUID
    region: str
    app: str
    front: str
    host: str
    expires_at: datetime
    app_name: str
    owner_id: str
    created_at: datetime
    domains: dict[str, Certificate | None] = field(default_factory=dict)


async def put(
    connection: Connection,
    *,
    app_id: str,
    migration_id: UUID,
    region: str,
    app: str,
    front: str,
    host: str,
    expires_at: datetime,
) -> None:
    """Hand an app over, with the domains it has now, in place of an earlier hand-over."""
    await connection.execute(SQL["put"], app_id, migration_id, region, app, front, host, expires_at)
    await connection.execute(SQL["forget_domains"], app_id)
    await connection.execute(SQL["keep_domains"], app_id)


async def take_back(connection: Connection, migration_id: UUID, app: str) -> None:
    """End a migration's hand-over of an app, by its name or id, if there is one."""
    await connection.execute(SQL["take_back"], migration_id, app)


async def delete(connection: Connection, app_id: str) -> None:
    """End the hand-over of an app, if there is one."""
    await connection.execute(SQL["delete"], app_id)


async def current(connection: Executor) -> list[Handover]:
    """Return the hand-overs that have not expired, the newest first."""
    domains: defaultdict[str, dict[str, Certificate | None]] = defaultdict(dict)
    for row in await connection.fetch(SQL["domains"]):
        certificate = stored(row["tlscert"], row["tlskey"], row["valid_from"], row["valid_until"])
        domains[row["app_id"]][row["name"]] = certificate
    return [Handover(**row, domains=domains[row["app_id"]]) for row in await connection.fetch(SQL["current"])]


async def made_by(connection: Executor, migration_id: UUID) -> list[Handover]:
    """Return the hand-overs that a migration made, without their domains."""
    return [Handover(**row) for row in await connection.fetch(SQL["made_by"], migration_id)]


async def name_kept_until(connection: Connection, app_name: str, owner_id: str) -> datetime | None:
    """Return until when an app's name is kept for another owner, if it is."""
    kept: datetime | None = await connection.fetchval(SQL["name_kept_until"], app_name, owner_id)
    return kept


async def domain_kept_until(connection: Connection, name: str, owner_id: str) -> datetime | None:
    """Return until when a custom domain is kept for another owner, if it is."""
    kept: datetime | None = await connection.fetchval(SQL["domain_kept_until"], name, owner_id)
    return kept


async def delete_expired(connection: Executor) -> None:
    """Forget the hand-overs that have expired, and the keys of their domains."""
    await connection.execute(SQL["delete_expired"])
