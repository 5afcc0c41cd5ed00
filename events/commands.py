"""What may be asked of storky over the bus."""

from pydantic import Field

from events import fields
from events.failures import Reason
from events.vocabulary import Message, Step


class CreateMigration(Message):
    """Open a migration. The publisher chooses its id, so that sending the command again is harmless."""

    migration_id: fields.MigrationId
    source: fields.Source
    destination: fields.Destination


class RunStep(Message):
    """Start preflight, prepare, data or finalize."""

    migration_id: fields.MigrationId
    step: Step
    expected_version: int | None = Field(
        default=None,
        ge=1,
        description="Refuse the command unless the migration's stream is at exactly this version.",
    )


class AbortMigration(Message):
    """Undo everything; accepted in every state before done."""

    migration_id: fields.MigrationId


class ApproveStep(Message):
    """Let a step that waits for a second person begin; who runs a step cannot approve it."""

    migration_id: fields.MigrationId
    step: Step


class ReportTaskSucceeded(Message):
    """A worker's report: the task's effect is durable in the regions."""

    migration_id: fields.MigrationId
    task_id: fields.TaskId
    result: fields.Result = Field(default_factory=dict)
    skipped: fields.Skipped = False


class ReportTaskFailed(Message):
    """A worker's report: the task failed for lasting reasons."""

    migration_id: fields.MigrationId
    task_id: fields.TaskId
    reasons: tuple[Reason, ...] = Field(min_length=1, description="All that speaks against it.")


class RemindOfHandover(Message):
    """A timer's command: the old region forwards the app's visitors for this long only."""

    migration_id: fields.MigrationId
    remaining_seconds: fields.RemainingSeconds = Field(ge=0)


class ExpireHandover(Message):
    """A timer's command: the old region forwards the app's visitors no longer."""

    migration_id: fields.MigrationId


class RefuseCommand(Message):
    """The gateway's word that it refused what a user asked for; it always ends as a CommandRejected."""

    command_type: fields.CommandType = Field(min_length=1, max_length=100)
    code: fields.Code = Field(min_length=1, max_length=100)
    reason: fields.Sentence = Field(min_length=1, max_length=1000)
    migration_id: fields.MigrationId | None = None
    app: fields.App | None = None


class RegisterPlatform(Message):
    """The operator's command: let an internal platform publish commands, and say which.

    It replaces what was said of this platform before.
    """

    name: fields.Platform
    may: fields.May = ()
    apps: fields.Apps = ()
    regions: fields.Regions = ()
    subscriptions: fields.Subscriptions = Field(default=(), max_length=100)


class RemovePlatform(Message):
    """The operator's command: accept nothing of this platform any more."""

    name: fields.Platform


Report = ReportTaskSucceeded | ReportTaskFailed
Timer = RemindOfHandover | ExpireHandover
Policy = RegisterPlatform | RemovePlatform
MigrationCommand = CreateMigration | RunStep | AbortMigration | ApproveStep | Report | Timer
Command = MigrationCommand | RefuseCommand | Policy
