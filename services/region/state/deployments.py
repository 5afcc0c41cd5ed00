"""Deployments, and the builds they made."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.region.state.database import Connection, Executor
from services.region.state.people import Person
from services.region.state.statements import load

SQL = load("deployments")

Status = Literal["queued", "building", "starting", "success", "build-error", "crashed-error"]


@dataclass(frozen=True)
class Deployment:
    """A deployment; digest, size and Procfile are those of its build, once there is one."""

    id: str
    app_id: str
    status: Status
    git_ref: str
    stack_id: str
    pusher: Person
    digest: str | None
    size_bytes: int | None
    procfile: dict[str, str]
    output: str
    created_at: datetime
    finished_at: datetime | None
    build_discarded: bool

    @property
    def seconds(self) -> int:
        """How long it took; 0 before its end."""
        return int(((self.finished_at or self.created_at) - self.created_at).total_seconds())

    @property
    def has_build(self) -> bool:
        """Tell whether the app can run its build (again)."""
        return self.status == "success" and not self.build_discarded


async def insert(
    connection: Connection,
    *,
    deployment_id: str,
    app_id: str,
    status: Status,
    git_ref: str,
    stack_id: str,
    pusher: Person,
) -> None:
    """Add a deployment."""
    await connection.execute(SQL["insert"], deployment_id, app_id, status, git_ref, stack_id, pusher)


async def find(connection: Executor, app_id: str, deployment_id: str) -> Deployment | None:
    """Return a deployment of an app."""
    row = await connection.fetchrow(SQL["find"], app_id, deployment_id)
    return Deployment(**row) if row else None


async def page(connection: Executor, app_id: str, limit: int, offset: int) -> list[Deployment]:
    """Return some of an app's deployments, newest first."""
    return [Deployment(**row) for row in await connection.fetch(SQL["page"], app_id, limit, offset)]


async def count(connection: Executor, app_id: str) -> int:
    """Return how many deployments an app has."""
    return int(await connection.fetchval(SQL["count"], app_id))


async def set_status(connection: Executor, deployment_id: str, status: Status) -> None:
    """Record how far the deployment is."""
    await connection.execute(SQL["set_status"], deployment_id, status)


async def write(connection: Executor, deployment_id: str, text: str) -> None:
    """Add to what the deployment tells its user."""
    await connection.execute(SQL["write"], deployment_id, text)


async def begin_again(connection: Executor, deployment_id: str) -> None:
    """Forget what an earlier attempt told; it is building."""
    await connection.execute(SQL["begin_again"], deployment_id)


async def set_build(
    connection: Executor, deployment_id: str, digest: str, size_bytes: int, procfile: dict[str, str]
) -> None:
    """Record the build of a deployment."""
    await connection.execute(SQL["set_build"], deployment_id, digest, size_bytes, procfile)


async def finish(connection: Executor, deployment_id: str, status: Status) -> None:
    """End the deployment."""
    await connection.execute(SQL["finish"], deployment_id, status)


async def discard_old_builds(connection: Connection, app_id: str, running: str, kept: int) -> None:
    """Discard the files of an app's builds, apart from the running one and the newest of the others."""
    await connection.execute(SQL["discard_old_builds"], app_id, running, kept)
