"""One migration that somebody follows: its events and its state, kept once for all who do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import anyio
import structlog
from fastapi.sse import ServerSentEvent
from pydantic import BaseModel

from events.status import ENDED
from events.store import RecordedEvent
from events.tracing import traced
from projections.status import MigrationStatus
from projections.status.fold import evolve
from services.gateway.events_wire import WireEvent
from services.gateway.progress import Progress, WireProgress
from services.gateway.wire import WireTasks

log = structlog.get_logger()


class TaskNews(BaseModel):
    """How far a running task is now."""

    task_id: UUID
    progress: WireProgress


class End(BaseModel):
    """How the migration ended; nothing comes after it."""

    status: str


@dataclass
class Cursor:
    """How much of a topic a follower has been given."""

    version: int  # of the last event
    state: int = 0  # the version that the last state was of
    news: int = 0  # how many news, since there is this topic


class Topic:
    """What there is to tell of a migration, in the form in which it is sent.

    A follower that reads slowly costs nothing here: it has a cursor, no buffer, and of state and progress it
    is given only the latest.
    """

    def __init__(self, app_id: str, progress: Progress) -> None:
        self.followers = 0
        self.version = 0
        self.ended = self.broken = False
        self._app_id = app_id
        self._progress = progress
        self._status: MigrationStatus | None = None
        self._events: list[ServerSentEvent] = []  # the one at index n has version n + 1
        self._state = ServerSentEvent()
        self._news: dict[UUID, tuple[int, ServerSentEvent]] = {}  # of each task the latest, numbered
        self._count = 0
        self.changed = anyio.Event()  # of the next change: take it first, then look, then wait for it

    def take(self, events: Sequence[RecordedEvent]) -> None:
        """Add the migration's next events; one that cannot be understood breaks this topic, and no other."""
        try:
            self._add(events)
        except Exception as error:  # noqa: BLE001 - a newer release may have written it
            log.error("cannot follow", action="follow.broken", stream=events[0].stream, **traced(error))  # noqa: TRY400
            self.broken = True
        self.wake()

    def _add(self, events: Sequence[RecordedEvent]) -> None:
        for event in events:
            self._status = evolve(self._status, event)
            self._events.append(_event(event))
        assert self._status
        self.version = self._status.version
        self.ended = self._status.status in ENDED
        tasks = WireTasks.of(self._status, self._app_id, self._progress)
        self._state = ServerSentEvent(event="state", raw_data=tasks.model_dump_json())
        self._news.clear()  # the state has it

    def hear(self, task_id: UUID) -> None:
        """Tell how far a task is now."""
        if progress := self._progress.of(task_id):
            self._count += 1
            news = TaskNews(task_id=task_id, progress=progress)
            self._news[task_id] = self._count, ServerSentEvent(event="progress", data=news)
            self.wake()

    def since(self, cursor: Cursor) -> Iterator[ServerSentEvent]:
        """Yield what a follower has not been given, and move its cursor."""
        while cursor.version < self.version:
            cursor.version += 1
            yield self._events[cursor.version - 1]
        if cursor.state < self.version:
            cursor.state = self.version
            yield self._state
        for number, news in sorted(self._news.values(), key=lambda numbered: numbered[0]):
            if number > cursor.news:
                cursor.news = number
                yield news

    @property
    def end(self) -> ServerSentEvent:
        """The last that is sent."""
        assert self._status
        return ServerSentEvent(event="end", data=End(status=self._status.status))

    def wake(self) -> None:
        """Let the followers look again."""
        self.changed.set()
        self.changed = anyio.Event()


def _event(event: RecordedEvent) -> ServerSentEvent:
    wire = WireEvent.of(event).model_dump_json()
    return ServerSentEvent(event="event", id=str(event.version), raw_data=wire)
