"""The events: what has happened, in the words of the log."""

from typing import Any
from uuid import UUID

from pydantic import Field

from events import fields
from events.failures import Reason
from events.inventory import Inventory
from events.vocabulary import (
    Message,
    Service,
    Step,
    app_stream,
    migration_stream,
    platform_stream,
    publisher_stream,
)


class Fact(Message):
    """An event. Each kind knows the stream it belongs to."""

    @property
    def stream(self) -> str:
        """The stream this event is appended to."""
        raise TypeError(f"{type(self).__name__} names no stream")


class MigrationFact(Fact):
    """An event on a migration's own stream."""

    migration_id: fields.MigrationId

    @property
    def stream(self) -> str:
        """The migration's stream."""
        return migration_stream(self.migration_id)


class MigrationCreated(MigrationFact):
    """A migration was opened; nothing has been looked at yet."""

    source: fields.Source
    destination: fields.Destination


class AppClaimed(Fact):
    """A migration took an app's name in a region for itself."""

    app: fields.App
    migration_id: fields.MigrationId

    @property
    def stream(self) -> str:
        """The stream of the app's name."""
        return app_stream(self.app)


class AppReleased(Fact):
    """A migration gave the name back."""

    app: fields.App
    migration_id: fields.MigrationId

    @property
    def stream(self) -> str:
        """The stream of the app's name."""
        return app_stream(self.app)


class PlannedTask(Message):
    """One line of a step's plan, as it was decided when the step started."""

    task_id: fields.TaskId
    name: fields.TaskName
    service: Service
    label: fields.Label
    item: fields.Item | None = None
    after: tuple[UUID, ...] = Field(default=(), description="The tasks it waits for.")
    needs: tuple[str, ...] = Field(
        default=(), description="The names of the earlier tasks whose results it is given."
    )
    despite_failures: bool = Field(
        default=False, description="It waits for the end of the others, however they end."
    )


class StepStarted(MigrationFact):
    """A step began, with the whole plan it will follow whatever is deployed later."""

    step: Step
    run: fields.Run
    epoch: fields.Epoch
    plan: tuple[PlannedTask, ...] = Field(description="Its tasks, whatever is deployed later.")
    requested_by: str = Field(default="", description="The end user or platform that ran it.")


class TaskRequested(MigrationFact):
    """A worker is asked for one unit of work. Self-contained: it says all that the worker needs to know."""

    step: Step
    epoch: fields.Epoch
    task_id: fields.TaskId
    name: fields.TaskName
    service: Service
    label: fields.Label
    item: fields.Item | None = None
    source: fields.Source
    destination: fields.Destination
    inventory: Inventory | None = None
    inputs: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="The results of the earlier tasks that it needs, by their names."
    )


class TaskSucceeded(MigrationFact):
    """The work of a task is done."""

    step: Step
    task_id: fields.TaskId
    name: fields.TaskName
    service: Service
    item: fields.Item | None = None
    result: fields.Result = Field(default_factory=dict)
    skipped: fields.Skipped = False


class TaskFailed(MigrationFact):
    """A task failed for lasting reasons."""

    step: Step
    task_id: fields.TaskId
    name: fields.TaskName
    service: Service
    item: fields.Item | None = None
    reasons: tuple[Reason, ...] = Field(min_length=1, description="All that speaks against it.")


class StepSucceeded(MigrationFact):
    """Every task of the step is done."""

    step: Step
    run: fields.Run


class StepFailed(MigrationFact):
    """At least one task failed, and no task of the step is under way any more."""

    step: Step
    run: fields.Run


class MigrationDone(MigrationFact):
    """The app runs in the destination and the traffic goes there."""


class MigrationAborted(MigrationFact):
    """Everything is as it was before the migration."""


class HandoverExpiring(MigrationFact):
    """The app's visitors who still go to the old region will soon be sent on no longer."""

    remaining_seconds: fields.RemainingSeconds


class HandoverExpired(MigrationFact):
    """The old region sends the app's visitors on no longer."""


class CommandRejected(Fact):
    """A command was refused, and changed nothing."""

    publisher: str = Field(description="The broker user that sent it.")
    command_id: UUID = Field(description="The id that its publisher gave it.")
    command_type: fields.CommandType
    migration_id: fields.MigrationId | None = None
    app: fields.App | None = None
    code: fields.Code
    reason: fields.Sentence

    @property
    def stream(self) -> str:
        """The publisher's stream."""
        return publisher_stream(self.publisher)


class PlatformFact(Fact):
    """An event on the stream of an internal platform's policy."""

    name: fields.Platform

    @property
    def stream(self) -> str:
        """The platform's stream."""
        return platform_stream(self.name)


class PlatformRegistered(PlatformFact):
    """From now on the platform may do this, and nothing else."""

    may: fields.May
    apps: fields.Apps
    regions: fields.Regions
    subscriptions: fields.Subscriptions


class PlatformRemoved(PlatformFact):
    """From now on the platform may do nothing."""
