"""The events: what has happened, in the words of the log."""

from typing import Any
from uuid import UUID

from pydantic import Field

from events.failures import Reason
from events.inventory import Inventory
from events.vocabulary import (
    AppGlob,
    AppRef,
    KeyPattern,
    Message,
    Permission,
    PlatformName,
    RegionName,
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

    migration_id: UUID

    @property
    def stream(self) -> str:
        """The migration's stream."""
        return migration_stream(self.migration_id)


class MigrationCreated(MigrationFact):
    """A migration was opened; nothing has been looked at yet."""

    source: AppRef
    destination: AppRef


class AppClaimed(Fact):
    """A migration took an app's name in a region for itself."""

    app: AppRef
    migration_id: UUID

    @property
    def stream(self) -> str:
        """The stream of the app's name."""
        return app_stream(self.app)


class AppReleased(Fact):
    """A migration gave the name back."""

    app: AppRef
    migration_id: UUID

    @property
    def stream(self) -> str:
        """The stream of the app's name."""
        return app_stream(self.app)


class PlannedTask(Message):
    """One line of a step's plan, as it was decided when the step started.

    `needs` names the earlier tasks whose results it is given; `despite_failures` says that it waits for the
    end of others, however they end.
    """

    task_id: UUID
    name: str
    service: Service
    label: str
    item: str | None = None
    after: tuple[UUID, ...] = ()
    needs: tuple[str, ...] = ()
    despite_failures: bool = False


class StepStarted(MigrationFact):
    """A step began, with the whole plan it will follow whatever is deployed later."""

    step: Step
    run: int
    epoch: int
    plan: tuple[PlannedTask, ...]
    requested_by: str = Field(default="", description="The end user or platform that ran it.")


class TaskRequested(MigrationFact):
    """A worker is asked for one unit of work. Self-contained: it says all that the worker needs to know."""

    step: Step
    epoch: int
    task_id: UUID
    name: str
    service: Service
    label: str
    item: str | None = None
    source: AppRef
    destination: AppRef
    inventory: Inventory | None = None
    inputs: dict[str, dict[str, Any]] = Field(default_factory=dict)


class TaskSucceeded(MigrationFact):
    """The work of a task is done."""

    step: Step
    task_id: UUID
    name: str
    service: Service
    item: str | None = None
    result: dict[str, Any] = Field(default_factory=dict)
    skipped: bool = False


class TaskFailed(MigrationFact):
    """A task failed for lasting reasons."""

    step: Step
    task_id: UUID
    name: str
    service: Service
    item: str | None = None
    reasons: tuple[Reason, ...] = Field(min_length=1)


class StepSucceeded(MigrationFact):
    """Every task of the step is done."""

    step: Step
    run: int


class StepFailed(MigrationFact):
    """At least one task failed, and no task of the step is under way any more."""

    step: Step
    run: int


class MigrationDone(MigrationFact):
    """The app runs in the destination and the traffic goes there."""


class MigrationAborted(MigrationFact):
    """Everything is as it was before the migration."""


class HandoverExpiring(MigrationFact):
    """The app's visitors who still go to the old region will soon be sent on no longer."""

    remaining_seconds: int


class HandoverExpired(MigrationFact):
    """The old region sends the app's visitors on no longer."""


class CommandRejected(Fact):
    """A command was refused, and changed nothing."""

    publisher: str
    command_id: UUID
    command_type: str
    migration_id: UUID | None = None
    app: AppRef | None = None
    code: str
    reason: str

    @property
    def stream(self) -> str:
        """The publisher's stream."""
        return publisher_stream(self.publisher)


class PlatformFact(Fact):
    """An event on the stream of an internal platform's policy."""

    name: PlatformName

    @property
    def stream(self) -> str:
        """The platform's stream."""
        return platform_stream(self.name)


class PlatformRegistered(PlatformFact):
    """From now on the platform may do this, and nothing else."""

    may: tuple[Permission, ...]
    apps: tuple[AppGlob, ...]
    regions: tuple[RegionName, ...]
    subscriptions: tuple[KeyPattern, ...]


class PlatformRemoved(PlatformFact):
    """From now on the platform may do nothing."""
