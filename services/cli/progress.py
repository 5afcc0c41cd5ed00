"""The progress of a step: redrawn in place on a terminal; elsewhere told on standard error as it goes on."""

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.filesize import decimal
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from services.cli.output import say, span
from services.cli.wire import Migration, Snapshot, Task, TaskProgress

LINE_SECONDS = 5  # between two lines on how far a task is


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
    """For pipes and logs: a line on standard error for each change, and at the end the result as a whole."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._live = Console(stderr=True)
        self._last: Snapshot | None = None
        self._printed: dict[str, str] = {}
        self._measured: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._last and error is None:
            tasks = (task for task in self._last.tasks if task.state != "waiting" and task.of_interest)
            shown = [line(task) for task in tasks]
            say(self._console, *heading(self._last.migration), *shown)

    def show(self, snapshot: Snapshot) -> None:
        """Tell what has changed since the last time."""
        self._last = snapshot
        for task in snapshot.tasks:
            if task.state != self._printed.get(task.id, "waiting"):
                say(self._live, f"… {task.label}: {'nothing to do' if task.skipped else _progress(task)}")
            self._printed[task.id] = task.state
            self._measure(task)

    def _measure(self, task: Task) -> None:
        """Tell how far a task is, once in a while."""
        now, far = self._clock(), how_far(task.progress)
        if far and now - self._measured.get(task.id, -math.inf) >= LINE_SECONDS:
            say(self._live, f"… {task.label}: {far}")
            self._measured[task.id] = now


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
    """Return a task that has started as one line."""
    match task.state:
        case "done":
            return f"✔ {_done(task)}"
        case "error":
            return f"✘ {task.label} {task.message}"
        case _:
            return f"… {task.label}"


def how_far(progress: TaskProgress | None) -> str:
    """Return what is done, of how much, and how long the rest may take; what is not known is left out."""
    if progress is None:
        return ""
    parts = []
    if progress.bytes or progress.total_bytes:
        parts.append(_of(decimal(progress.bytes), progress.total_bytes, decimal))
    if progress.rows is not None:
        parts.append(_of(f"{progress.rows:,}", progress.total_rows, "{:,}".format) + " rows")
    if progress.eta_seconds is not None:
        parts.append(f"about {span(progress.eta_seconds)} left")
    return ", ".join(parts)


def _of(done: str, total: int | None, shown: Callable[[int], str]) -> str:
    return done if total is None else f"{done} of {shown(total)}"


def _progress(task: Task) -> str:
    """Return the state of a task that has started, and how long it took if it has ended."""
    return task.state if task.finished_at is None else f"{task.state} after {_duration(task)}"


def _panel(snapshot: Snapshot) -> RenderableType:
    tasks = Table.grid(padding=(0, 1))
    for task in snapshot.tasks:
        if task.of_interest:
            tasks.add_row(*_row(task))
    return Group(Text("\n".join(heading(snapshot.migration))), tasks)


def _row(task: Task) -> tuple[RenderableType, ...]:
    took = Text(_duration(task), style="dim")
    far = Text(how_far(task.progress), style="cyan")
    match task.state:
        case "done":
            return Text("✔", style="green"), Text(_done(task)), took
        case "error":
            return Text("✘", style="red"), Text(f"{task.label} {task.message}"), took
        case "running":
            return Spinner("dots"), Text(task.label), took, far
        case "waiting":
            return Text("·", style="dim"), Text(task.label, style="dim"), took


def _done(task: Task) -> str:
    return f"{task.label} Done!{' (nothing to do)' if task.skipped else ''}"


def _duration(task: Task) -> str:
    if task.started_at is None:
        return ""
    seconds = ((task.finished_at or datetime.now(UTC)) - task.started_at).total_seconds()
    return span(seconds, decimals=1)
