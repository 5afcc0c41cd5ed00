"""What changed in a migration between two moments."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from projections.status import MigrationStatus, TaskStatus
from services.cli.audit.words import task_name


class Change(BaseModel):
    """A field that had another value."""

    field: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.field}: {_shown(self.before)} → {_shown(self.after)}"


class TaskChange(BaseModel):
    """A task that was other, or was there at one of the moments only."""

    task_id: str
    task: str
    changes: list[Change]


class Difference(BaseModel):
    """What changed, by the versions of the two moments."""

    before: int
    after: int
    changes: list[Change]
    tasks: list[TaskChange]

    def lines(self) -> Iterator[str]:
        """Yield it for people."""
        yield f"From version {self.before} to version {self.after}:"
        if not self.changes and not self.tasks:
            yield "nothing has changed."
        yield from map(str, self.changes)
        for each in self.tasks:
            yield each.task
            yield from (f"    {change}" for change in each.changes)


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
        task_id=str(task.task_id),
        task=task_name(task),
        changes=list(_changes(_fields(before), _fields(after))),
    )


def _fields(status: MigrationStatus | TaskStatus | None) -> dict[str, Any]:
    # `version` and `tasks` are told apart; what a task is called does not change.
    left_out = {"version", "tasks", "task_id", "step", "run", "place", "name", "item", "label", "service"}
    return status.model_dump(mode="json", exclude=left_out) if status else {}


def _changes(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for field in {**before, **after}:
        # What has no value yet is the same as what is not there yet.
        if _shown(before.get(field)) != _shown(after.get(field)):
            yield Change(field=field, before=before.get(field), after=after.get(field))


def _shown(value: Any) -> str:
    return "-" if value in (None, "", [], {}) else str(value)
