"""Events as an answer: a page of them as JSON, or all of them as lines while they are read."""

from collections.abc import AsyncIterator, Sequence
from typing import Self

from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from events.store import LogUnavailableError, RecordedEvent
from events.store.search import Search
from services.gateway.audit.wanted import Page
from services.gateway.database import database_away
from services.gateway.events_wire import WireEvent

LINES = "application/x-ndjson"


class Pagination(BaseModel):
    """Where a page is among all, in the contract's words."""

    prev_page: int | None
    current_page: int
    next_page: int | None
    total_pages: int
    total_count: int

    @classmethod
    def of(cls, page: Page, total: int) -> Self:
        """Return the place of a page among so many events; at least one page there is always."""
        pages = max(1, -(-total // page.per_page))
        return cls(
            prev_page=page.page - 1 if page.page > 1 else None,
            current_page=page.page,
            next_page=page.page + 1 if page.page < pages else None,
            total_pages=pages,
            total_count=total,
        )


class Meta(BaseModel):
    """What is told beside the events."""

    pagination: Pagination


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
        events=[WireEvent.of(event) for event in events], meta=Meta(pagination=Pagination.of(page, total))
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
