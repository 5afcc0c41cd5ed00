"""The page of one migration: as it is now, or as it was after any of its events."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, JSONResponse, Response

from events.status import ENDED
from events.store import RecordedEvent
from projections.evidence import evidence
from projections.status import MigrationStatus
from projections.status.fold import status_at
from services.gateway.bodies import SmallBodyRoute
from services.gateway.events_wire import WireEvent
from services.gateway.migrations import NamedMigration
from services.gateway.state import GatewayState
from services.gateway.web.pages import Pages
from services.gateway.web.steps import MigrationView
from services.gateway.web.timeline import Teller

PREFIX = "/migrations/{region}/{app}/{migration_id}"
router = APIRouter(prefix=PREFIX, route_class=SmallBodyRoute)

Kind = Literal["", "steps", "tasks", "failures", "traffic"]


@router.get("")
async def show(
    pages: Pages,
    migration: NamedMigration,
    state: GatewayState,
    version: Annotated[int | None, Query(ge=1)] = None,
    kind: Kind = "",
) -> HTMLResponse:
    """Show the migration after the event of this version, or as it is now."""
    history = await state.reads.history(migration.id)
    teller = Teller()
    told = [teller.entry(WireEvent.of(event)) for event in history]
    at = min(version or len(told), len(told))
    past = at < len(told)
    return pages.show(
        "migration.html",
        view=MigrationView(_then(history[:at]) if past else migration),
        progress=state.progress,
        until=told[at - 1].event.time if past else None,
        moment=told[at - 1],
        versions=len(told),
        follows_on=migration.status not in ENDED,
        entries=[entry for entry in reversed(told) if kind in entry.kinds or not kind],
        kind=kind,
    )


@router.get("/evidence")
async def download_evidence(migration: NamedMigration, state: GatewayState) -> Response:
    """Hand out what the log tells, as a file."""
    found = evidence(await state.reads.history(migration.id))
    name = f"evidence-{migration.id}.json"
    return JSONResponse(
        found.model_dump(mode="json"), headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _then(history: list[RecordedEvent]) -> MigrationStatus:
    status = status_at(history)
    assert status is not None, "the first event of a migration opens it"
    return status
