"""Watching a step until it ends, whatever happens to the connection meanwhile."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from httpx_sse import ServerSentEvent
from pydantic import BaseModel

from services.cli.client import Gateway
from services.cli.errors import UnavailableError
from services.cli.wire import Snapshot, TaskProgress

AWAY = 120.0  # seconds for which a gateway may be away, a restart for instance, before we give up
PAUSE = 0.3  # seconds between two attempts to reach it


class _TaskNews(BaseModel):
    task_id: str
    progress: TaskProgress


@dataclass
class _Followed:
    """What was told so far."""

    last_event_id: str = ""
    snapshot: Snapshot | None = None

    def take(self, message: ServerSentEvent) -> bool:
        """Take a message; return whether it changes what is to be seen."""
        self.last_event_id = message.id or self.last_event_id
        if message.event == "state":
            self.snapshot = Snapshot.model_validate_json(message.data)
            return True
        if message.event == "progress" and self.snapshot:
            news = _TaskNews.model_validate_json(message.data)
            self.snapshot = self.snapshot.with_progress(news.task_id, news.progress)
            return True
        return False


def follow(gateway: Gateway, migration_id: str) -> Iterator[Snapshot]:
    """Yield the migration as it stands after each change, until nothing happens any more.

    A lost connection is made again, and goes on where it was. Raises UnavailableError after AWAY seconds
    without an answer.
    """
    followed = _Followed()
    heard = time.monotonic()
    while True:
        try:
            for message in gateway.follow(migration_id, followed.last_event_id):
                heard = time.monotonic()
                if followed.take(message) and followed.snapshot:
                    yield followed.snapshot
                    if followed.snapshot.settled:
                        return
        except UnavailableError:
            if time.monotonic() - heard > AWAY:
                raise
        time.sleep(PAUSE)
