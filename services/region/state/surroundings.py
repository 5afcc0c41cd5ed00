"""What surrounds an app: who works on it, where it is deployed from, who is told of it, who takes its log.

Whoever changes a row holds the app's lock (`apps.lock`), so what was looked up before stays true.
"""

from dataclasses import astuple, dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from services.region.state.database import Connection, Executor
from services.region.state.people import Person
from services.region.state.statements import load

SQL = load("surroundings")

NotifierType = Literal["webhook", "slack", "email"]


@dataclass(frozen=True)
class _Row:
    id: str
    app_id: str


Row = TypeVar("Row", bound=_Row)


@dataclass(frozen=True)
class Table(Generic[Row]):
    """One kind of rows, each of an app; their fields are in the order of the statement that writes them."""

    row: type[Row]
    name: str

    async def every(self, connection: Executor, app_id: str) -> list[Row]:
        """Return an app's rows in their lasting order."""
        return [self.row(**row) for row in await connection.fetch(SQL[f"{self.name}s"], app_id)]

    async def find(self, connection: Executor, app_id: str, row_id: str) -> Row | None:
        """Return one row of an app."""
        return next((row for row in await self.every(connection, app_id) if row.id == row_id), None)

    async def put(self, connection: Connection, row: Row) -> None:
        """Add a row, or write it anew."""
        await connection.execute(SQL[f"put_{self.name}"], *astuple(row))

    async def delete(self, connection: Connection, row: Row) -> None:
        """Delete a row."""
        await connection.execute(SQL[f"delete_{self.name}"], row.id)


@dataclass(frozen=True)
class Collaborator(_Row):
    """Somebody who was invited to an app, and who has accepted once there is a `user_id`."""

    email: str = field(repr=False)
    user_id: str | None
    username: str
    created_at: datetime


@dataclass(frozen=True)
class ScmLink(_Row):
    """The repository an app belongs to; `linker` is the user who said so."""

    linker: Person = field(repr=False)
    url: str
    scm_type: str
    branch: str
    auth_integration_uuid: str
    auto_deploy_enabled: bool
    deploy_review_apps_enabled: bool
    delete_on_close_enabled: bool
    hours_before_delete_on_close: int
    delete_stale_enabled: bool
    hours_before_delete_stale: int
    automatic_creation_from_forks_allowed: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Notifier(_Row):
    """Whom the region tells of an app's events; addresses in `type_data` may be secret."""

    made_by: UUID | None
    source_id: str | None
    name: str
    type: NotifierType
    active: bool
    send_all_events: bool
    send_all_alerts: bool
    selected_event_ids: list[str]
    type_data: dict[str, Any] = field(repr=False)
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Alert(_Row):
    """When notifiers are told of a metric; both durations are in nanoseconds."""

    made_by: UUID | None
    source_id: str | None
    container_type: str
    metric: str
    limit: float
    disabled: bool
    send_when_below: bool
    duration_before_trigger: int
    remind_every: int
    notifiers: list[str]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Autoscaler(_Row):
    """Between which amounts a process type is to be kept, and by which metric."""

    container_type: str
    metric: str
    target: float
    min_containers: int
    max_containers: int
    disabled: bool
    created_at: datetime


@dataclass(frozen=True)
class LogDrain(_Row):
    """Where the log of an app, or of one of its addons, goes too; the URL may hold a token."""

    addon_id: str | None
    url: str = field(repr=False)
    created_at: datetime


@dataclass(frozen=True)
class Counts:
    """How much there is of each; collaborators are those who have accepted, log drains the app's own."""

    collaborators: int
    pending_collaborators: int
    scm_link: bool
    notifiers: int
    alerts: int
    log_drains: int
    autoscalers: int


collaborators = Table(Collaborator, "collaborator")
scm_links = Table(ScmLink, "scm_link")
notifiers = Table(Notifier, "notifier")
alerts = Table(Alert, "alert")
autoscalers = Table(Autoscaler, "autoscaler")
log_drains = Table(LogDrain, "log_drain")


async def collaborates(connection: Executor, app_id: str, user_id: str) -> bool:
    """Tell whether a user has accepted to work on an app."""
    return bool(await connection.fetchval(SQL["collaborates"], app_id, user_id))


async def invited(connection: Executor, app_id: str, email: str) -> bool:
    """Tell whether an e-mail address was invited to an app."""
    return bool(await connection.fetchval(SQL["invited"], app_id, email))


async def counts(connection: Executor, app_id: str) -> Counts:
    """Count what surrounds an app."""
    row = await connection.fetchrow(SQL["counts"], app_id)
    assert row
    return Counts(**row)
