"""What changed in a migration between two moments."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from events.vocabulary import Step
from projections.status.model import MigrationStatus, TaskStatus


class Change(BaseModel):
    """A field that had another value."""

    field: str
    before: Any
    after: Any


class TaskChange(BaseModel):
    """A task that was other, or was there at one of the moments only."""

    task_id: UUID
    step: Step
    label: str
    item: str | None
    changes: list[Change]


class Difference(BaseModel):
    """What changed, by the versions of the two moments."""

    before: int
    after: int
    changes: list[Change]
    tasks: list[TaskChange]


def difference(before: MigrationStatus, after: MigrationStatus) -> Difference:
    """Return what changed from one moment of a migration to another, which may be the earlier one."""
    old, new = ({task.task_id: task for task in status.tasks} for status in (before, after))
    pairs = [(old.get(task_id), new.get(task_id)) for task_id in {**old, **new}]
    return Difference(
        before=before.version,
        after=after.version,
        changes=list(_changes(_fields(before), _fields(after))),
        tasks=[_task_change(earlier, later) for earlier, later in pairs if earlier != later],
    )


def _task_change(before: TaskStatus | None, after: TaskStatus | None) -> TaskChange:
    task = after or before
    assert task is not None, "a pair has one at least"
    return TaskChange(
        task_id=task.task_id,
        step=task.step,
        label=task.label,
        item=task.item,
        changes=list(_changes(_fields(before), _fields(after))),
    )


def _fields(status: MigrationStatus | TaskStatus | None) -> dict[str, Any]:
    # `version` and `tasks` are told apart; what a task is called does not change.
    left_out = {"version", "tasks", "task_id", "step", "run", "place", "name", "item", "label", "service"}
    return status.model_dump(mode="json", exclude=left_out) if status else {}


def _changes(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for field in {**before, **after}:
        old, new = before.get(field), after.get(field)
        if old != new and not (is_nothing(old) and is_nothing(new)):
            yield Change(field=field, before=old, after=new)


def is_nothing(value: Any) -> bool:
    """Tell whether it stands for no value yet, as if the field were not there."""
    return value in (None, "", [], {})
