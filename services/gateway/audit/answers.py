"""Events as an answer: a page of them as JSON, or all of them as lines while they are read."""

from collections.abc import AsyncIterator, Sequence

from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from events.store import LogUnavailableError, RecordedEvent
from events.store.search import Search
from services.gateway.audit.wanted import Page
from services.gateway.database import database_away
from services.gateway.events_wire import WireEvent
from services.gateway.pages import Meta, Pagination

LINES = "application/x-ndjson"


class EventsPage(BaseModel):
    """Some of the events that were asked for."""

    events: list[WireEvent]
    meta: Meta


async def one_page(search: Search, page: Page) -> EventsPage:
    """Return a page; raises ApiError (503) while the database does not answer."""
    try:
        total = await search.count()
        events = await search.page((page.page - 1) * page.per_page, page.per_page)
    except LogUnavailableError as error:
        raise database_away(error) from None
    return EventsPage(
        events=[WireEvent.of(event) for event in events],
        meta=Meta(pagination=Pagination.of(page.page, page.per_page, total)),
    )


async def all_lines(search: Search) -> StreamingResponse:
    """Return all events, a JSON object in each line; raises ApiError (503) as above.

    A database that fails later breaks the answer off: a client sees that its end is missing.
    """
    batches = search.batches()
    try:
        first: Sequence[RecordedEvent] = await anext(batches, [])
    except LogUnavailableError as error:
        raise database_away(error) from None
    return StreamingResponse(_lines(first, batches), media_type=LINES)


async def _lines(
    first: Sequence[RecordedEvent], others: AsyncIterator[Sequence[RecordedEvent]]
) -> AsyncIterator[str]:
    yield _encoded(first)
    async for batch in others:
        yield _encoded(batch)


def _encoded(batch: Sequence[RecordedEvent]) -> str:
    return "".join(f"{WireEvent.of(event).model_dump_json()}\n" for event in batch)
