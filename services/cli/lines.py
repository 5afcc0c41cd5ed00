"""A migration and its tasks as lines of text: the same in a pipe and on a terminal."""

from datetime import UTC, datetime

from services.cli.wire import Migration, Task
from services.common.formats import span


def heading(migration: Migration) -> list[str]:
    """Return the lines that say which migration it is, and where it stands."""
    return [
        f"Migration ID: {migration.id}",
        f"Migrating app: {migration.src_app_name}",
        f"Destination: {migration.destination}",
        f"New app ID: {migration.new_app_id or 'N/A'}",
        f"Status: {migration.status}",
    ]


def line(task: Task) -> str:
    """Return a task as one line, with a mark that tells its state."""
    match task.state:
        case "done":
            return f"✔ {task.label} Done!{' (nothing to do)' if task.skipped else ''}"
        case "error":
            return f"✘ {task.label} {task.message}"
        case "running":
            return f"… {task.label}"
        case "waiting":
            return f"· {task.label}"


def duration(task: Task) -> str:
    """Return how long a task took, or has taken until now; "" before its start."""
    if task.started_at is None:
        return ""
    seconds = ((task.finished_at or datetime.now(UTC)) - task.started_at).total_seconds()
    return span(seconds, decimals=1)
