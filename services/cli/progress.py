"""The progress of a step: redrawn in place on a terminal, a line for each change elsewhere."""

from datetime import UTC, datetime
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from services.cli.output import say
from services.cli.wire import Migration, Snapshot, Task


class Progress(Protocol):
    """A view of a migration; used as a context manager around the watching."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, snapshot: Snapshot) -> None:
        """Show how it stands now."""


def progress_on(console: Console) -> Progress:
    """Return the view that suits where the output goes."""
    return LiveProgress(console) if console.is_terminal else LineProgress(console)


class LiveProgress:
    """All tasks with their state and duration, redrawn as they go on."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, auto_refresh=True, vertical_overflow="visible")

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, snapshot: Snapshot) -> None:
        """Redraw."""
        self._live.update(_panel(snapshot), refresh=True)


class LineProgress:
    """For pipes and logs: what it is about, then a line whenever a task starts or ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last: Snapshot | None = None
        self._printed: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._last and error is None:
            say(self._console, *ending(self._last.migration))

    def show(self, snapshot: Snapshot) -> None:
        """Print what has changed since the last time."""
        if self._last is None:
            say(self._console, *heading(snapshot.migration))
        self._last = snapshot
        for task in snapshot.tasks:
            before = self._printed.get(task.id, "waiting")
            if task.state != before and not (task.skipped and before == "waiting"):
                say(self._console, line(task))
            self._printed[task.id] = task.state


def heading(migration: Migration) -> list[str]:
    """Return the lines that say which migration it is."""
    return [
        f"Migration ID: {migration.id}",
        f"Migrating app: {migration.src_app_name}",
        f"Destination: {migration.destination}",
    ]


def ending(migration: Migration) -> list[str]:
    """Return the lines that say where it stands."""
    return [f"New app ID: {migration.new_app_id or 'N/A'}", f"Status: {migration.status}"]


def line(task: Task) -> str:
    """Return a task that has started as one line."""
    match task.state:
        case "done":
            return f"✔ {task.label} Done!" if not task.skipped else f"- {task.label} Nothing to do."
        case "error":
            return f"✘ {task.label} {task.message}"
        case _:
            return f"… {task.label}"


def _panel(snapshot: Snapshot) -> RenderableType:
    tasks = Table.grid(padding=(0, 1))
    for task in snapshot.tasks:
        if not task.skipped:
            tasks.add_row(*_row(task))
    return Group(Text("\n".join(heading(snapshot.migration) + ending(snapshot.migration))), tasks)


def _row(task: Task) -> tuple[RenderableType, ...]:
    took = Text(_duration(task), style="dim")
    match task.state:
        case "done":
            return Text("✔", style="green"), Text(f"{task.label} Done!"), took
        case "error":
            return Text("✘", style="red"), Text(f"{task.label} {task.message}"), took
        case "running":
            return Spinner("dots"), Text(task.label), took
        case "waiting":
            return Text("·", style="dim"), Text(task.label, style="dim"), took


def _duration(task: Task) -> str:
    if task.started_at is None:
        return ""
    seconds = ((task.finished_at or datetime.now(UTC)) - task.started_at).total_seconds()
    minutes, seconds = divmod(max(seconds, 0.0), 60)
    return f"{minutes:.0f} min {seconds:.0f} s" if minutes else f"{seconds:.1f} s"
