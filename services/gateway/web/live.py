"""What changes on a migration's open page, as pieces of that page."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.sse import ServerSentEvent

from projections.status import MigrationStatus
from services.gateway.auth import Authorization
from services.gateway.events_wire import WireEvent
from services.gateway.follow.response import EventStream
from services.gateway.follow.routes import LastEventId, still_allowed
from services.gateway.follow.stream import stream
from services.gateway.follow.topic import TaskNews
from services.gateway.migrations import NamedMigration
from services.gateway.state import GatewayState, State
from services.gateway.web.migration import PREFIX
from services.gateway.web.pages import Pages, UserPages
from services.gateway.web.steps import MigrationView
from services.gateway.web.timeline import Teller

router = APIRouter(prefix=PREFIX)


@router.get("/live", response_class=EventStream)
async def live(
    pages: Pages,
    migration: NamedMigration,
    state: GatewayState,
    *,
    authorization: Authorization = "",
    last_event_id: LastEventId = None,
    after: Annotated[int, Query(ge=1, le=2**31 - 1)] = 1,
) -> EventStream:
    """Send what changes on the page that shows the migration after event `after`."""
    page = LivePage(pages, state, migration)
    allowed = still_allowed(state, authorization)
    news = stream(state.hub, migration.app_id, migration, last_event_id or after, allowed)
    return EventStream(page.pieces(news))


@dataclass
class LivePage:
    """The page of a migration as it goes on, drawn for one user."""

    pages: UserPages
    state: State
    migration: MigrationStatus

    async def pieces(self, news: AsyncGenerator[ServerSentEvent]) -> AsyncGenerator[ServerSentEvent]:
        """Yield what is to be drawn for each of the follower's news: an `entry`, a `patch`, or the `end`."""
        teller = Teller(self.migration)
        async with aclosing(news):
            async for each in news:
                match each.event:
                    case "event":
                        yield self._entry(teller, each)
                    case "state":
                        yield await self._state()
                    case "progress":
                        if piece := self._progress(TaskNews.model_validate(each.data)):
                            yield piece
                    case _:
                        yield each

    def _entry(self, teller: Teller, news: ServerSentEvent) -> ServerSentEvent:
        entry = teller.entry(WireEvent.model_validate_json(news.raw_data or ""))
        now = {"moment": entry, "versions": entry.event.version, "view": MigrationView(self.migration)}
        html = self._draw("entry.html", entry=entry, kind="", current=0) + self._draw("moment.html", **now)
        return ServerSentEvent(event="entry", id=news.id, raw_data=html)

    async def _state(self) -> ServerSentEvent:
        self.migration = await self.state.reads.migration(self.migration.id) or self.migration
        view = MigrationView(self.migration)
        html = self._draw("heading.html", view=view) + self._draw("work.html", view=view)
        return ServerSentEvent(event="patch", raw_data=html)

    def _progress(self, news: TaskNews) -> ServerSentEvent | None:
        for task in self.migration.tasks:
            if task.task_id == news.task_id:
                return ServerSentEvent(event="patch", raw_data=self._draw("far.html", task=task))
        return None

    def _draw(self, template: str, **values: object) -> str:
        return self.pages.text(template, until=None, progress=self.state.progress, **values)
