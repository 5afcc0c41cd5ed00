"""The audit trail over HTTP: all of it for auditors, and its own part for whoever may see a migration."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response

from events.store import RecordedEvent
from events.store.search import Query as LogQuery
from events.store.search import Search
from projections.status import MigrationStatus
from projections.status.difference import Difference, difference
from services.common.times import Time
from services.gateway.audit.answers import LINES, EventsPage, all_lines, one_page
from services.gateway.audit.moments import Moment, status_then, status_when
from services.gateway.audit.wanted import Page, Wanted, not_before
from services.gateway.auth import reads_all
from services.gateway.document import errors
from services.gateway.errors import not_found
from services.gateway.migrations import NamedMigration, one
from services.gateway.state import GatewayState, State

router = APIRouter(prefix="/v1/audit", dependencies=[Depends(reads_all)], responses=errors(403))
of_migration = APIRouter(prefix=one.prefix, responses=errors(403))

Accept = Annotated[str, Header(include_in_schema=False)]  # the document shows it by the answers
Version = Annotated[int | None, Query(description="The state after so many of the migration's events.")]
From = Annotated[Moment, Query(alias="from", description="A time, or a version.")]
To = Annotated[Moment, Query(alias="to", description="A time, or a version; it may be the earlier one.")]
At = Annotated[Time | None, Query(description="The state at this time.")]

EITHER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A page of events; to `Accept: application/x-ndjson`, all of them, one in each line.",
        "content": {LINES: {"schema": {"type": "string"}}},
    }
}


@router.get("/events", response_model=EventsPage, responses=EITHER)
async def find_events(
    wanted: Annotated[Wanted, Query()], state: GatewayState, accept: Accept = ""
) -> EventsPage | Response:
    """Find events of the whole log."""
    query = wanted.query()
    await _check_begin(query, state)
    return await _answer(state.reads.search(query), wanted, accept)


@router.get("/migrations/{migration_id}")
async def show_migration(
    migration_id: UUID, state: GatewayState, at: At = None, version: Version = None
) -> MigrationStatus:
    """Show any migration as it was, by default as it is."""
    return status_then(await _history(migration_id, state), version, at, "at")


@router.get("/migrations/{migration_id}/diff")
async def compare_moments(migration_id: UUID, begin: From, end: To, state: GatewayState) -> Difference:
    """Tell what changed in any migration from one moment to another."""
    return _difference(await _history(migration_id, state), begin, end)


@of_migration.get("/events", response_model=EventsPage, responses=EITHER)
async def list_events(
    migration: NamedMigration, page: Annotated[Page, Query()], state: GatewayState, accept: Accept = ""
) -> EventsPage | Response:
    """List all events that concern a migration; an extension of the contract."""
    search = state.reads.search(LogQuery(migration=migration.id, order=page.order))
    return await _answer(search, page, accept)


@of_migration.get("/at")
async def show_then(
    migration: NamedMigration, state: GatewayState, time: At = None, version: Version = None
) -> MigrationStatus:
    """Show a migration as it was, by default as it is; an extension of the contract."""
    return status_then(await state.reads.history(migration.id), version, time, "time")


@of_migration.get("/diff")
async def compare_own(migration: NamedMigration, begin: From, end: To, state: GatewayState) -> Difference:
    """Tell what changed in a migration from one moment to another; an extension of the contract."""
    return _difference(await state.reads.history(migration.id), begin, end)


async def _history(migration_id: UUID, state: State) -> Sequence[RecordedEvent]:
    if history := await state.reads.history(migration_id):
        return history
    raise not_found("migration", f"There is no migration {migration_id}.")


def _difference(history: Sequence[RecordedEvent], begin: Moment, end: Moment) -> Difference:
    return difference(status_when(history, begin, "from"), status_when(history, end, "to"))


async def _answer(search: Search, page: Page, accept: str) -> EventsPage | Response:
    return await (all_lines(search) if LINES in accept else one_page(search, page))


async def _check_begin(query: LogQuery, state: State) -> None:
    """Raise ApiError (422) for a time span that ended before the log began."""
    if query.until is not None and (first := await state.reads.first_event()):
        not_before("until", query.until, first.recorded_at)
