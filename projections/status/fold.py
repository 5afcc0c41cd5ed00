"""From a migration's events to its status. Pure: the same events give the same status for ever.

The rows of the read model are written from this, and so they are what anybody gets who folds the log.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from events import facts
from events.failures import Reason
from events.status import ENDED, Status, status_after
from events.store import RecordedEvent
from events.vocabulary import Step
from projections.status.model import MigrationStatus, TaskStatus

Tasks = tuple[TaskStatus, ...]


def status_at(events: Iterable[RecordedEvent]) -> MigrationStatus | None:
    """Return the status of a migration after these events, the first ones of its stream; None before any."""
    status: MigrationStatus | None = None
    for event in events:
        status = evolve(status, event)
    return status


def evolve(status: MigrationStatus | None, event: RecordedEvent) -> MigrationStatus:
    """Apply the next event of a migration's stream; raises as RecordedEvent.decode does."""
    fact = event.decode()
    if isinstance(fact, facts.MigrationCreated):
        return _opened(fact, event)
    assert status is not None, f"{event.type} before MigrationCreated"
    changes: dict[str, Any] = {
        "status": status_after(status.status, fact),
        "version": event.version,
        "tasks": _tasks(status.tasks, fact, event.recorded_at),
        **_app_ids(fact),
    }
    if changes["status"] in ENDED and status.status not in ENDED:
        changes["finished_at"] = event.recorded_at
    return status.model_copy(update=changes)


def _opened(fact: facts.MigrationCreated, event: RecordedEvent) -> MigrationStatus:
    return MigrationStatus(
        id=fact.migration_id,
        source=fact.source,
        destination=fact.destination,
        status=Status.CREATED,
        version=event.version,
        started_by=event.metadata.on_behalf_of or event.metadata.actor,
        started_at=event.recorded_at,
    )


def _tasks(tasks: Tasks, fact: facts.Fact, at: datetime) -> Tasks:  # noqa: PLR0911 - a table of events
    match fact:
        case facts.StepStarted():
            return (_overtaken(tasks, at) if fact.step is Step.ABORT else tasks) + _planned(fact)
        case facts.TaskRequested():
            return _changed(tasks, fact.task_id, state="running", started_at=at)
        case facts.TaskSucceeded():
            end = {"skipped": fact.skipped, "result": fact.result}
            return _changed(tasks, fact.task_id, state="done", finished_at=at, **end)
        case facts.TaskFailed():
            return _changed(tasks, fact.task_id, state="error", finished_at=at, reasons=fact.reasons)
        case facts.StepFailed():
            return _begun(tasks)
        case facts.MigrationAborted():
            return _overtaken(tasks, at)
    return tasks


def _planned(fact: facts.StepStarted) -> Tasks:
    return tuple(
        TaskStatus(
            task_id=task.task_id,
            step=fact.step,
            run=fact.run,
            place=place,
            name=task.name,
            item=task.item,
            label=task.label,
            service=task.service,
            state="waiting",
        )
        for place, task in enumerate(fact.plan)
    )


def _changed(tasks: Tasks, task_id: UUID, **changes: Any) -> Tasks:
    for place in reversed(range(len(tasks))):  # what changes is of the latest run
        if tasks[place].task_id == task_id:
            return (*tasks[:place], tasks[place].model_copy(update=changes), *tasks[place + 1 :])
    return tasks


def _begun(tasks: Tasks) -> Tasks:
    # What a step that ended early never started is not part of the picture; the plan stays in the log.
    return tuple(task for task in tasks if task.state != "waiting")


def _overtaken(tasks: Tasks, at: datetime) -> Tasks:
    # An abort waits for nobody.
    end = {"state": "error", "finished_at": at, "reasons": (Reason(code="overtaken"),)}
    return tuple(task.model_copy(update=end) if task.state == "running" else task for task in _begun(tasks))


def _app_ids(fact: facts.Fact) -> dict[str, str]:
    """Return the id of the source or of the new app, where this event tells one."""
    match fact:
        case facts.TaskSucceeded(name="freeze-source"):
            return {"app_id": fact.result["inventory"]["app_id"]}
        case facts.TaskSucceeded(name="create-app", result={"app_id": str(new_app_id)}):
            return {"new_app_id": new_app_id}
        case _:
            return {}
