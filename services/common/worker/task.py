"""A task as its function sees it, and what the function may answer."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from events.facts import TaskRequested
from events.failures import Reason
from events.inventory import Inventory
from regions.model import Progress
from regions.port import Grant, Region
from services.common.worker.digests import Digests

# Up to which look a task is looked at again after how many seconds; later, after LONGEST_LOOK. In the first
# minutes somebody may be watching.
LOOKS = ((5, 0.2), (180, 1.0))
LONGEST_LOOK = 5.0

MOST_REASONS = 100  # what a person reads, and what fits into a message


class TaskFailedError(Exception):
    """The task cannot succeed, for one reason or more. They are kept for ever: names, counts, ids."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.reasons: tuple[Reason, ...] = (Reason(code=code, params=params),)

    @property
    def code(self) -> str:
        """The code of the first reason."""
        return self.reasons[0].code

    @classmethod
    def unless_empty(cls, reasons: Iterable[Reason]) -> None:
        """Raise the error for these reasons, if there are any; for the first hundred, if there are more."""
        if found := tuple(reasons)[:MOST_REASONS]:
            error = cls(found[0].code)
            error.reasons = found
            raise error


@dataclass(frozen=True)
class Succeeded:
    """The effect is durable. `skipped` says that there was nothing to do."""

    result: dict[str, Any] = field(default_factory=dict)
    skipped: bool = False


@dataclass(frozen=True)
class LookAgain:
    """A region is at work; the task is called again after the delay, and finds what it has started."""

    delay_seconds: float
    progress: Progress | None = None


Outcome = Succeeded | LookAgain


@dataclass(frozen=True)
class Task:
    """One unit of work, with the regions to do it in.

    It is called again, with the same ids, after each look, each passing failure and each crash: whatever
    it does, it must find again by its grants' keys.
    """

    request: TaskRequested
    requested_at: datetime
    source: Region
    destination: Region
    digests: Digests
    look: int = 0
    attempt: int = 0

    @property
    def source_app(self) -> str:
        """The app's name in the source region."""
        return self.request.source.app

    @property
    def destination_app(self) -> str:
        """The app's name in the destination region."""
        return self.request.destination.app

    @property
    def inventory(self) -> Inventory:
        """What there was when the source was frozen."""
        if self.request.inventory is None:
            raise TaskFailedError("input_missing", task="freeze-source")
        return self.request.inventory

    def result_of(self, name: str) -> dict[str, Any]:
        """Return an earlier task's result."""
        if name not in self.request.inputs:
            raise TaskFailedError("input_missing", task=name)
        return self.request.inputs[name]

    def grant(self, operation: str, item: str = "") -> Grant:
        """Return the right to change a region once: the same operation and item are the same effect."""
        key = f"{self.request.task_id}/{operation}/{item}"
        return Grant(self.request.migration_id, self.request.epoch, key)

    def look_again(self, progress: Progress | None = None) -> LookAgain:
        """Return the outcome of a task whose work goes on in a region: rarer the longer it takes."""
        delay = next((delay for look, delay in LOOKS if self.look < look), LONGEST_LOOK)
        return LookAgain(delay, progress)


Work = Callable[[Task], Awaitable[Outcome]]
Tasks = Mapping[str, Work]
