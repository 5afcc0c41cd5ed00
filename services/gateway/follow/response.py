"""The answer that goes on: Server-Sent Events, for clients that keep reading."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import anyio
import structlog
from fastapi.responses import StreamingResponse
from fastapi.sse import ServerSentEvent, format_sse_event
from starlette.types import Message, Send

SLOWEST = 30.0  # seconds for which a client may leave what was sent unread

log = structlog.get_logger()


class EventStream(StreamingResponse):
    """Sends events until there are no more. Whoever does not read is cut off, and may come back."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[ServerSentEvent]) -> None:
        """Send these events; they are closed however the connection ends."""
        super().__init__(_encoded(events), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._events = events

    async def stream_response(self, send: Send) -> None:
        """Send; every part of it must be taken in time."""

        async def send_in_time(message: Message) -> None:
            with anyio.fail_after(SLOWEST):
                await send(message)

        async with aclosing(self._events):
            try:
                await super().stream_response(send_in_time)
            except TimeoutError:
                log.info("cut off a client that does not read", action="follow.slow")


async def _encoded(events: AsyncGenerator[ServerSentEvent]) -> AsyncIterator[bytes]:
    async for event in events:
        data = event.raw_data if event.data is None else event.data.model_dump_json()
        yield format_sse_event(data_str=data, event=event.event, id=event.id, comment=event.comment)
