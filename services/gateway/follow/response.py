"""The answer that goes on: Server-Sent Events."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from anyio.lowlevel import checkpoint
from fastapi.responses import StreamingResponse
from fastapi.sse import ServerSentEvent, format_sse_event
from starlette.types import Send

MEDIA_TYPE = "text/event-stream"


class EventStream(StreamingResponse):
    """Sends events until there are no more; where they come from is closed however the connection ends."""

    def __init__(self, events: AsyncGenerator[ServerSentEvent]) -> None:
        """Send these events; a proxy on the way must neither keep nor collect them."""
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(_encoded(events), media_type=MEDIA_TYPE, headers=headers)
        self._events = events

    async def stream_response(self, send: Send) -> None:
        """Send each event as it comes."""
        async with aclosing(self._events):
            await super().stream_response(send)


async def _encoded(events: AsyncGenerator[ServerSentEvent]) -> AsyncIterator[bytes]:
    async for event in events:
        await checkpoint()  # sending to a client that is gone returns at once: here it is noticed
        data = event.raw_data if event.data is None else event.data.model_dump_json()
        yield format_sse_event(data_str=data, event=event.event, id=event.id, comment=event.comment)
