"""What may be asked of storky over the bus."""

from typing import Any
from uuid import UUID

from pydantic import Field

from events.failures import Reason
from events.vocabulary import (
    AppGlob,
    AppRef,
    KeyPattern,
    Message,
    Permission,
    PlatformName,
    RegionName,
    Step,
)


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


class ApproveStep(Message):
    """Let a step that waits for a second person begin; who runs a step cannot approve it."""

    migration_id: UUID
    step: Step


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


class RefuseCommand(Message):
    """The gateway's word that it refused what a user asked for; it always ends as a CommandRejected."""

    command_type: str = Field(min_length=1, max_length=100, description="What the user had asked for.")
    code: str = Field(min_length=1, max_length=100)
    reason: str = Field(min_length=1, max_length=1000)
    migration_id: UUID | None = None
    app: AppRef | None = None


class RegisterPlatform(Message):
    """The operator's command: let an internal platform publish commands, and say which.

    It replaces what was said of this platform before.
    """

    name: PlatformName = Field(description="The platform's broker user.")
    may: tuple[Permission, ...] = ()
    apps: tuple[AppGlob, ...] = Field(default=(), description="Both names of an app must match one of these.")
    regions: tuple[RegionName, ...] = Field(default=(), description="Both regions must be among these.")
    subscriptions: tuple[KeyPattern, ...] = Field(
        default=(), max_length=100, description="Routing keys of the events that go to the platform's queue."
    )


class RemovePlatform(Message):
    """The operator's command: accept nothing of this platform any more."""

    name: PlatformName


Report = ReportTaskSucceeded | ReportTaskFailed
Timer = RemindOfHandover | ExpireHandover
Policy = RegisterPlatform | RemovePlatform
MigrationCommand = CreateMigration | RunStep | AbortMigration | ApproveStep | Report | Timer
Command = MigrationCommand | RefuseCommand | Policy
