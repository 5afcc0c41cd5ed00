"""What the status read model answers with."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from events.status import Status
from events.vocabulary import AppRef, Service, Step

TaskState = Literal["waiting", "running", "done", "error"]


class TaskStatus(BaseModel):
    """One task of one run of a step."""

    model_config = ConfigDict(frozen=True)

    task_id: UUID
    step: Step
    name: str
    item: str | None
    label: str
    service: Service
    state: TaskState
    skipped: bool
    started_at: datetime | None
    finished_at: datetime | None
    message: str
    result: dict[str, Any]

    @property
    def shown(self) -> bool:
        """Whether people see it: it has started, and of an abort only what there was to undo is told."""
        return self.state != "waiting" and not (self.skipped and self.step is Step.ABORT)


class MigrationStatus(BaseModel):
    """A migration, and its tasks in the order of their plan."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    source: AppRef
    destination: AppRef
    app_id: str
    new_app_id: str
    status: Status
    version: int
    started_at: datetime
    finished_at: datetime | None
    tasks: list[TaskStatus]


class Timing(BaseModel):
    """How long a task took that succeeded, and how much data it moved (0: none)."""

    model_config = ConfigDict(frozen=True)

    name: str
    seconds: float
    size_bytes: int
