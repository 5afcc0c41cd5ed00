"""The evidence of one migration. Times are UTC, durations seconds; nothing in it is secret or personal."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, computed_field

from events.failures import Reason
from events.status import Status
from events.store import RecordedEvent
from events.vocabulary import AppRef, Service, Step

Outcome = Literal["waiting", "running", "succeeded", "skipped", "failed", "overtaken"]


class Who(BaseModel):
    """Who caused an event: a service's broker user, and the user it acted for, by opaque ids."""

    actor: str
    on_behalf_of: str | None

    @classmethod
    def of(cls, event: RecordedEvent) -> Self:
        """Return who caused the event."""
        return cls(actor=event.metadata.actor, on_behalf_of=event.metadata.on_behalf_of)


class Span(BaseModel):
    """From when to when."""

    started_at: datetime | None = None
    ended_at: datetime | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def seconds(self) -> float | None:
        """How long; None of what has not ended."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()


class Act(BaseModel):
    """Something that somebody did: opening the migration, running a step, approving or aborting it."""

    what: str
    at: datetime
    by: Who


class TaskRun(Span):
    """One task of one run of a step. `result` is what its worker told, less the items."""

    task_id: UUID
    name: str
    label: str
    item: str | None
    service: Service
    outcome: Outcome = "waiting"
    ended_by: Who | None = None
    reasons: tuple[Reason, ...] = ()
    result: dict[str, Any] = Field(default_factory=dict)


class StepRun(Span):
    """One run of a step, with its tasks in the order of their plan."""

    step: Step
    run: int
    outcome: Outcome = "running"
    tasks: list[TaskRun]


class CopiedItem(BaseModel):
    """Something that was copied, with the digest of what each side had of it after that."""

    task: str
    of: str | None
    item: str
    source: str | None
    destination: str | None


class LogEntry(BaseModel):
    """Where an event stands in the log. The hash, hexadecimal, is vouched for by the log's chain."""

    position: int
    version: int
    hash: str

    @classmethod
    def of(cls, event: RecordedEvent) -> Self:
        """Return the entry of the event."""
        return cls(position=event.position, version=event.version, hash=event.hash.hex())


class LogExcerpt(BaseModel):
    """The events that the evidence was made from."""

    stream: str
    events: int
    first: LogEntry
    last: LogEntry


class Handover(BaseModel):
    """The time in which the old region forwards the app's visitors."""

    until: str | None
    reminded_at: list[datetime] = []
    expired_at: datetime | None = None


class Evidence(BaseModel):
    """Everything that the log tells of one migration."""

    migration_id: UUID
    source: AppRef
    destination: AppRef
    app_id: str | None = None
    new_app_id: str | None = None
    status: Status
    acts: list[Act]
    steps: list[StepRun] = []
    items: list[CopiedItem] = []
    downtime: Span | None = None
    undone: list[str] = []
    dns_records: list[dict[str, Any]] = []
    handover: Handover | None = None
    log: LogExcerpt
