"""Events and moments of a migration as lines of text."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from projections.status import MigrationStatus, TaskStatus
from projections.status.difference import Change, Difference, TaskChange, is_nothing
from services.cli.audit.trail import Event
from services.common.formats import moment

MARKS = {"waiting": "·", "running": "…", "done": "✔", "error": "✘"}


def event_line(event: Event) -> str:
    """Return an event as one line: when, where in the log, who, what, and about what."""
    who = event["on_behalf_of"] or event["actor"]
    at = moment(datetime.fromisoformat(event["time"]))
    about = " ".join([event["stream"], *_details(event["data"])])
    line = f"{at}  {event['position']:>7}  {who:<20}  {event['type']:<17}  {about}"
    # Straight to a terminal: nothing that was put into an event may drive it.
    return "".join(character if character.isprintable() else "?" for character in line)


def status_lines(status: MigrationStatus) -> Iterator[str]:
    """Yield a migration and its tasks."""
    yield f"Migration ID: {status.id}"
    yield f"Migrating app: {status.source} to {status.destination}"
    yield f"Opened: {moment(status.started_at)} by {status.started_by}"
    yield f"Status: {status.status}"
    yield f"Version: {status.version}"
    if status.finished_at:
        yield f"Ended: {moment(status.finished_at)}"
    for task in status.tasks:
        yield f"{MARKS[task.state]} {task_name(task)} {_course(task)}{task.message}".rstrip()


def difference_lines(difference: Difference) -> Iterator[str]:
    """Yield what changed between two moments of a migration."""
    yield f"From version {difference.before} to version {difference.after}:"
    if not difference.changes and not difference.tasks:
        yield "nothing has changed."
    yield from map(_change, difference.changes)
    for task in difference.tasks:
        yield task_name(task)
        yield from (f"    {_change(change)}" for change in task.changes)


def task_name(task: TaskStatus | TaskChange) -> str:
    """Return what tells a task from others of its migration."""
    item = f" ({task.item})" if task.item else ""
    return f"{task.step}: {task.label}{item}"


def _course(task: TaskStatus) -> str:
    return " - ".join(moment(at) for at in (task.started_at, task.finished_at) if at) + " "


def _change(change: Change) -> str:
    before, after = ("-" if is_nothing(value) else value for value in (change.before, change.after))
    return f"{change.field}: {before} → {after}"


def _details(data: dict[str, Any]) -> Iterator[str]:
    for name in ("step", "name", "item", "code", "reason"):
        if isinstance(value := data.get(name), str):
            yield value
    yield from (reason["code"] for reason in data.get("reasons", ()))
