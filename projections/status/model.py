"""What the status read model answers with."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, computed_field

from events.failures import Reason, messages
from events.status import Status
from events.vocabulary import AppRef, Service, Step

TaskState = Literal["waiting", "running", "done", "error"]


class TaskStatus(BaseModel):
    """One task of one run of a step; `place` is where it stands in the plan of that run."""

    model_config = ConfigDict(frozen=True)

    task_id: UUID
    step: Step
    run: int
    place: int
    name: str
    item: str | None
    label: str
    service: Service
    state: TaskState
    skipped: bool = False
    started_at: datetime | None = None
    finished_at: datetime | None = None
    reasons: tuple[Reason, ...] = ()
    result: dict[str, Any] = Field(default_factory=dict)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def message(self) -> str:
        """Why it failed, and what to do about it; empty if it has not failed."""
        return messages(self.reasons)

    @property
    def shown(self) -> bool:
        """Whether people see it: it has started, and of an abort only what there was to undo is told."""
        return self.state != "waiting" and not (self.skipped and self.step is Step.ABORT)


class MigrationStatus(BaseModel):
    """A migration, and its tasks in the order of their plan.

    `started_by` is the user it was opened for, else the publisher that opened it, by opaque ids. The ids of
    the apps are empty until a task has told them.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    source: AppRef
    destination: AppRef
    app_id: str = ""
    new_app_id: str = ""
    status: Status
    version: int
    started_by: str
    started_at: datetime
    finished_at: datetime | None = None
    tasks: tuple[TaskStatus, ...] = ()


class Timing(BaseModel):
    """How long a task took that succeeded, and how much data it moved (0: none)."""

    model_config = ConfigDict(frozen=True)

    name: str
    seconds: float
    size_bytes: int
