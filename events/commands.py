"""What may be asked of storky over the bus."""

from typing import Any
from uuid import UUID

from pydantic import Field

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
    """A worker's report: the task failed for a lasting reason."""

    migration_id: UUID
    task_id: UUID
    code: str
    params: dict[str, str | int] = Field(
        default_factory=dict, description="Safe to show and to keep for ever."
    )


Report = ReportTaskSucceeded | ReportTaskFailed
Command = CreateMigration | RunStep | AbortMigration | Report
