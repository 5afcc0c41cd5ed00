"""All that is followed in this process: the log is read once, whoever many follow."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import groupby
from operator import attrgetter
from typing import NoReturn
from uuid import UUID

import anyio
import asyncpg
import structlog

from events.store import Log
from events.store.database import session
from events.store.subscriptions import Hint, listening, read_handled, wait_for
from events.tracing import traced
from events.vocabulary import migration_stream
from projections.status import STATUS
from services.gateway.follow.topic import Topic
from services.gateway.progress import Progress

POLL = 1.0  # seconds; a notification may be missed
PAUSE = 1.0  # seconds after a failure
BATCH = 1_000  # events

log = structlog.get_logger()


class Hub:
    """The topics that have followers, and the one reader that keeps them up to date.

    It reads as far as the status projection has: who is told of an event can read what it did.
    """

    def __init__(self, pool: asyncpg.Pool, progress: Progress) -> None:
        self.closed = False
        self._pool = pool
        self._progress = progress
        self._topics: dict[str, Topic] = {}  # by stream
        self._hint = Hint()

    @contextmanager
    def following(self, migration_id: UUID, app_id: str) -> Iterator[Topic]:
        """Keep the migration's topic up to date while the block runs."""
        stream = migration_stream(migration_id)
        if not (topic := self._topics.get(stream)):
            topic = self._topics[stream] = Topic(app_id, self._progress)
            self._hint()
        topic.followers += 1
        try:
            yield topic
        finally:
            topic.followers -= 1
            if not topic.followers:
                del self._topics[stream]

    def hear(self, body: bytes) -> None:
        """Take from the bus how far a task is."""
        heard = self._progress.hear(body)
        if heard and (topic := self._topics.get(migration_stream(heard.migration_id))):
            topic.hear(heard.task_id)

    async def close_at(self, moment: anyio.Event) -> None:
        """Let every stream end at that moment, and none begin after it."""
        await moment.wait()
        self.closed = True
        for topic in self._topics.values():
            topic.wake()

    async def run(self) -> NoReturn:
        """Read until cancelled; a failure is logged, and followers wait."""
        while True:
            try:
                async with session(self._pool) as connection, listening(connection, self._hint):
                    await self._read(connection)
            except Exception as error:  # noqa: BLE001 - whatever it was, those who follow others go on
                log.warning("cannot read what is followed", action="follow.retry", **traced(error))
                await anyio.sleep(PAUSE)

    async def _read(self, connection: asyncpg.Connection) -> NoReturn:
        while True:
            while await self._advance(connection) == BATCH:
                pass
            await self._hint.wait(POLL)
            with suppress(TimeoutError):
                await wait_for(self._pool, STATUS.name, await Log(self._pool).head(), POLL)

    async def _advance(self, connection: asyncpg.Connection) -> int:
        """Hand out the next events; return how many there were."""
        if not self._topics:
            return 0
        known = {stream: topic.version for stream, topic in self._topics.items() if not topic.broken}
        events = await read_handled(connection, STATUS.name, known, BATCH)
        events.sort(key=attrgetter("stream", "version"))
        for stream, of_stream in groupby(events, key=attrgetter("stream")):
            if topic := self._topics.get(stream):
                topic.take(list(of_stream))
        return len(events)
