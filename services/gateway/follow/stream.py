"""What one follower is sent, from where it left off to the migration's end."""

from collections.abc import AsyncGenerator, Awaitable, Callable

import anyio
from fastapi.sse import ServerSentEvent

from projections.status import MigrationStatus
from services.gateway.follow.hub import Hub
from services.gateway.follow.topic import Cursor

HEARTBEAT = 15.0  # seconds; shorter than what proxies take for a dead connection
LONGEST = 900.0  # seconds; who comes back after that is asked again for all that a first request is

Allowed = Callable[[], Awaitable[bool]]


async def stream(
    hub: Hub, app_id: str, migration: MigrationStatus, after: int, allowed: Allowed
) -> AsyncGenerator[ServerSentEvent]:
    """Yield each event of the migration above version `after` once and in order, its state, and progress.

    A state is never older than what the follower has been told, nor than `migration`. The stream ends with
    the migration, when the follower is not `allowed` any more, when the gateway stops, and after LONGEST:
    then the follower comes back and goes on after the last event it was given.
    """
    cursor = Cursor(after)
    beat, until = anyio.current_time() + HEARTBEAT, anyio.current_time() + LONGEST
    with hub.following(migration.id, app_id) as topic:
        while not (hub.closed or topic.broken) and anyio.current_time() < until:
            changed = topic.changed
            if topic.version >= migration.version:
                for news in topic.since(cursor):
                    yield news
                if topic.ended:
                    yield topic.end
                    return
            with anyio.CancelScope(deadline=beat):
                await changed.wait()
            if anyio.current_time() >= beat:
                if not await allowed():
                    return
                yield ServerSentEvent(comment="still here")
                beat = anyio.current_time() + HEARTBEAT
