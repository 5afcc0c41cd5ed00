"""Migrations as they go over the wire, to the letter of the contract."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, TypeAdapter, WithJsonSchema

from events.vocabulary import AppName, RegionName, Step
from projections.status import MigrationStatus, TaskStatus
from services.gateway.progress import Progress, WireProgress

WAITING, RUNNING = "waiting", "running"


# What names must be like is shown here, and said in words of our own where they are used.
_REGION, _APP = (TypeAdapter(name).json_schema() for name in (RegionName, AppName))


class NewMigration(BaseModel):
    """Where to: a region, and another name there unless it is empty."""

    destination: Annotated[str, WithJsonSchema(_REGION)]
    dst_app_name: Annotated[str, WithJsonSchema({"anyOf": [_APP, {"const": ""}]})] = ""


class NewMigrationBody(BaseModel):
    """The body of a POST that opens a migration."""

    migration: NewMigration


class RunBody(BaseModel):
    """The body of a POST that runs a step."""

    step: Step


class ApproveBody(BaseModel):
    """The body of a POST that approves a step."""

    step: Step


class WireStep(BaseModel):
    """A task that was started; clients of the contract call it a step. Its id is new with every attempt."""

    id: str
    name: str
    status: str
    logs: str

    @classmethod
    def of(cls, task: TaskStatus) -> Self:
        """Return the task in the contract's words."""
        return cls(id=str(task.task_id), name=task.label, status=task.state, logs=task.message)


class WireMigration(BaseModel):
    """A migration. Clients read `finished_at: null` and an empty `new_app_id` as "not yet"."""

    id: str
    src_app_name: str
    dst_app_name: str
    app_id: str
    new_app_id: str
    source: str
    destination: str
    status: str
    started_at: datetime
    finished_at: datetime | None
    steps: list[WireStep]

    @classmethod
    def of(cls, migration: MigrationStatus, app_id: str) -> Self:
        """Return the migration in the contract's words; app_id stands in while no task has reported it."""
        return cls(
            id=str(migration.id),
            src_app_name=migration.source.app,
            dst_app_name=migration.destination.app,
            app_id=migration.app_id or app_id,
            new_app_id=migration.new_app_id,
            source=migration.source.region,
            destination=migration.destination.region,
            status=migration.status,
            started_at=migration.started_at,
            finished_at=migration.finished_at,
            steps=[WireStep.of(task) for task in migration.tasks if task.shown],
        )


class WireTask(BaseModel):
    """All that is known of a task, waiting and skipped ones too: our own extension of the contract."""

    id: str
    step: str
    name: str
    label: str
    item: str | None
    service: str
    state: str
    skipped: bool
    started_at: datetime | None
    finished_at: datetime | None
    message: str
    result: dict[str, Any]
    progress: WireProgress | None

    @classmethod
    def of(cls, task: TaskStatus, progress: Progress) -> Self:
        """Return the task for the wire; how far it is only while it runs."""
        known = progress.of(task.task_id) if task.state == RUNNING else None
        return cls(id=str(task.task_id), **task.model_dump(exclude={"task_id"}), progress=known)


class WireTasks(BaseModel):
    """A migration and all its tasks, as of one moment."""

    migration: WireMigration
    tasks: list[WireTask]

    @classmethod
    def of(cls, migration: MigrationStatus, app_id: str, progress: Progress) -> Self:
        """Return both for the wire."""
        return cls(
            migration=WireMigration.of(migration, app_id),
            tasks=[WireTask.of(task, progress) for task in migration.tasks],
        )
