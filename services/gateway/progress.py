"""How far running tasks are, as their workers tell it: in memory only, and forgotten soon."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import structlog
from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeInt, ValidationError

MOST_TASKS = 1_000
LIFETIME = 600  # seconds after the last that was heard of a task

log = structlog.get_logger()


class Announcement(BaseModel):
    """What a worker tells of a running task."""

    model_config = ConfigDict(frozen=True)

    migration_id: UUID
    task_id: UUID
    bytes: NonNegativeInt
    total_bytes: NonNegativeInt | None = None
    rows: NonNegativeInt | None = None
    total_rows: NonNegativeInt | None = None
    time: AwareDatetime


class WireProgress(BaseModel):
    """How far a task is; `eta_seconds` is null while nobody can tell."""

    bytes: int
    total_bytes: int | None
    rows: int | None
    total_rows: int | None
    eta_seconds: int | None


def eta(first: Announcement, last: Announcement) -> int | None:
    """Return the seconds from `last` to the end if the task goes on as fast as since `first`.

    Counted in bytes where their total is known, else in rows; None if neither total is, or nothing has moved.
    """
    seconds = (last.time - first.time).total_seconds()
    if last.total_bytes is not None:
        done, left = last.bytes - first.bytes, last.total_bytes - last.bytes
    elif last.total_rows is not None and last.rows is not None:
        done, left = last.rows - (first.rows or 0), last.total_rows - last.rows
    else:
        return None
    return round(max(left, 0) * seconds / done) if done > 0 and seconds > 0 else None


@dataclass
class _Heard:
    first: Announcement
    last: Announcement
    at: float  # of our own clock


class Progress:
    """The first and the latest announcement of each task."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard: OrderedDict[UUID, _Heard] = OrderedDict()  # the latest last

    def hear(self, body: bytes) -> Announcement | None:
        """Take an announcement from the bus, and return it; what cannot be read is logged and dropped."""
        try:
            announcement = Announcement.model_validate_json(body)
        except ValidationError as error:
            log.warning("unreadable progress", action="progress", problems=error.error_count())
            return None
        self._keep(announcement)
        self._forget()
        return announcement

    def of(self, task_id: UUID) -> WireProgress | None:
        """Return how far a task is, if anything was heard of it lately."""
        self._forget()
        if heard := self._heard.get(task_id):
            shown = heard.last.model_dump(exclude={"migration_id", "task_id", "time"})
            return WireProgress(**shown, eta_seconds=eta(heard.first, heard.last))
        return None

    def _keep(self, new: Announcement) -> None:
        known = self._heard.pop(new.task_id, None)
        first = known.first if known and not _begun_again(known.last, new) else new
        self._heard[new.task_id] = _Heard(first, new, self._clock())

    def _forget(self) -> None:
        too_old = self._clock() - LIFETIME
        while self._heard:
            oldest = next(iter(self._heard.values()))
            if len(self._heard) <= MOST_TASKS and oldest.at > too_old:
                return
            self._heard.popitem(last=False)


def _begun_again(last: Announcement, new: Announcement) -> bool:
    """Tell whether less is done than before: a region that restarts begins its operations again."""
    return new.bytes < last.bytes or (new.rows or 0) < (last.rows or 0)
