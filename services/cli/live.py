"""The progress of a step on a terminal: a tree of its tasks, redrawn as they go on."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text
from rich.tree import Tree

from services.cli.lines import duration, heading, line
from services.cli.output import say
from services.cli.wire import Snapshot, Task
from services.common.formats import how_far

STYLES = {"done": "green", "error": "red", "running": "cyan", "waiting": "dim"}
AROUND = 12  # lines of the screen that are kept for what is not a task
LEAVING = "Ctrl-C leaves the migration running."


class LiveProgress:
    """The tasks with their state, duration and progress. What is left on the screen is how they ended."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._spinner = Spinner("dots")
        self._snapshot: Snapshot | None = None
        self._live = Live(console=console, get_renderable=self._now, refresh_per_second=8, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()
        if self._snapshot:
            self._console.print(self._shown(self._snapshot, self._snapshot.tasks))

    def show(self, snapshot: Snapshot) -> None:
        """Redraw."""
        self._snapshot = snapshot
        self._live.refresh()

    def tell(self, text: str) -> None:
        """Say it above the tasks."""
        say(self._console, text)

    def _now(self) -> RenderableType:
        if self._snapshot is None:
            return Text("Waiting for the gateway.", style="dim")
        tasks = _first(self._snapshot.tasks, max(self._console.height - AROUND, 1))
        hidden = len(self._snapshot.tasks) - len(tasks)
        more = [Text(f"and {hidden} other tasks", style="dim")] if hidden else []
        return Group(self._shown(self._snapshot, tasks), *more, Text(LEAVING, style="dim"))

    def _shown(self, snapshot: Snapshot, tasks: Sequence[Task]) -> RenderableType:
        """Return the migration with a tree of tasks: steps, their tasks, those of an addon under it."""
        trees: dict[str, Tree] = {}
        items: dict[tuple[str, str], Tree] = {}
        for task in tasks:
            if not task.of_interest:
                continue
            branch = trees.setdefault(task.step, Tree(task.step, guide_style="dim"))
            if task.item:
                key = (task.step, task.item)
                branch = items[key] if key in items else items.setdefault(key, branch.add(Text(task.item)))
            branch.add(self._text(task.under_its_item()))
        return Group(Text("\n".join(heading(snapshot.migration))), *trees.values())

    def _text(self, task: Task) -> Text:
        mark, text = line(task)[:1], line(task)[1:]
        if task.state == "running":
            mark = str(self._spinner.render(self._console.get_time()))
        parts = [(mark, STYLES[task.state]), (text, "dim" if task.state == "waiting" else "")]
        for told, style in ((duration(task), "dim"), (how_far(task.progress), "cyan")):
            parts += [("  ", ""), (told, style)] if told else []
        return Text.assemble(*parts)


def _first(tasks: Sequence[Task], room: int) -> Sequence[Task]:
    """Return the tasks if there is room for them, else as many as there is, before all what goes on."""
    if len(tasks) <= room:
        return tasks
    urgent = {task.id for task in sorted(tasks, key=_waits)[:room]}
    return [task for task in tasks if task.id in urgent]


def _waits(task: Task) -> int:
    return ("error", "running", "waiting", "done").index(task.state)
