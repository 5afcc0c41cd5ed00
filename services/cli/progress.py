"""The progress of a step: redrawn in place on a terminal; elsewhere told on standard error as it goes on."""

import math
import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console

from services.cli.lines import duration, heading, line
from services.cli.live import LiveProgress
from services.cli.output import say
from services.cli.wire import Snapshot, Task
from services.common.formats import how_far

LINE_SECONDS = 5  # between two lines on how far a task is


class Progress(Protocol):
    """A view of a migration; used as a context manager around the watching."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, snapshot: Snapshot) -> None:
        """Show how it stands now."""

    def tell(self, text: str) -> None:
        """Say something while it goes on."""


def progress_on(console: Console) -> Progress:
    """Return the view that suits where the output goes."""
    redrawn = console.is_terminal and not console.is_dumb_terminal
    return LiveProgress(console) if redrawn else LineProgress(console)


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
                self.tell(f"… {task.label}: {'nothing to do' if task.skipped else _progress(task)}")
            self._printed[task.id] = task.state
            self._measure(task)

    def tell(self, text: str) -> None:
        """Say it on standard error."""
        say(self._live, text)

    def _measure(self, task: Task) -> None:
        """Tell how far a task is, once in a while."""
        now, far = self._clock(), how_far(task.progress)
        if far and now - self._measured.get(task.id, -math.inf) >= LINE_SECONDS:
            self.tell(f"… {task.label}: {far}")
            self._measured[task.id] = now


def _progress(task: Task) -> str:
    """Return the state of a task that has started, and how long it took if it has ended."""
    return task.state if task.finished_at is None else f"{task.state} after {duration(task)}"
