"""What may be asked of storky over the bus."""

from typing import Any
from uuid import UUID

from pydantic import Field

from events.failures import Reason
from events.vocabulary import AppRef, Message, Step


class CreateMigration(Message):
    """Open a migration. The publisher chooses its id, so that sending the command again is harmless."""

    migration_id: UUID
    source: AppRef
    destination: AppRef


class RunStep(Message):
    """Start preflight, prepare, data or finalize."""

    migration_id: UUID
    step: Step
    expected_version: int | None = Field(
        default=None,
        ge=1,
        description="Refuse the command unless the migration's stream is at exactly this version.",
    )


class AbortMigration(Message):
    """Undo everything; accepted in every state before done."""

    migration_id: UUID


class ReportTaskSucceeded(Message):
    """A worker's report: the task's effect is durable in the regions."""

    migration_id: UUID
    task_id: UUID
    result: dict[str, Any] = Field(default_factory=dict, description="Names, ids, counts and digests only.")
    skipped: bool = Field(default=False, description="There was nothing to do.")


class ReportTaskFailed(Message):
    """A worker's report: the task failed for lasting reasons."""

    migration_id: UUID
    task_id: UUID
    reasons: tuple[Reason, ...] = Field(min_length=1)


class RemindOfHandover(Message):
    """A timer's command: the old region forwards the app's visitors for this long only."""

    migration_id: UUID
    remaining_seconds: int = Field(ge=0)


class ExpireHandover(Message):
    """A timer's command: the old region forwards the app's visitors no longer."""

    migration_id: UUID


Report = ReportTaskSucceeded | ReportTaskFailed
Timer = RemindOfHandover | ExpireHandover
Command = CreateMigration | RunStep | AbortMigration | Report | Timer
