"""The plan of a migration, before one is opened: an extension of the contract."""

from typing import Annotated

import anyio
from fastapi import APIRouter, Query

from events.vocabulary import AppRef
from services.gateway.apps import ResolvedApp
from services.gateway.auth import Authorization
from services.gateway.document import errors
from services.gateway.errors import invalid, refused
from services.gateway.migrations import destination_of
from services.gateway.planning.estimate import TIMED
from services.gateway.planning.model import End
from services.gateway.planning.reading import PATIENCE, Reader, together
from services.gateway.planning.survey import survey
from services.gateway.planning.wire import MigrationPlan
from services.gateway.state import GatewayState, NamedRegion
from services.gateway.wire import NewMigration

router = APIRouter(responses=errors(403))


@router.get("/{region}/v1/apps/{app}/migration_plan")
async def show(
    region: str,
    app: ResolvedApp,
    at: NamedRegion,
    wanted: Annotated[NewMigration, Query()],
    state: GatewayState,
    *,
    authorization: Authorization = "",
) -> MigrationPlan:
    """Say what a migration would do. Nothing is changed, and nothing is kept of what is read."""
    old = End(AppRef(region=region, app=app.name), at)
    new = _destination(wanted, old, state)
    readers = [Reader(state.http, end.ref.region, end.at, authorization) for end in (old, new)]
    calls = {
        "source": lambda: readers[0].source(app.id),
        "destination": readers[1].destination,
        "timings": lambda: state.reads.timings(TIMED, region, new.ref.region),
    }
    try:
        with anyio.fail_after(PATIENCE):
            found = await together(calls)
    except TimeoutError:
        raise refused(503, "regions_slow", "The regions do not answer in time; try again later.") from None
    return survey(found["source"], found["destination"], old, new, found["timings"])


def _destination(wanted: NewMigration, old: End, state: GatewayState) -> End:
    ref = destination_of(wanted, old.ref)
    if ref.region == old.ref.region:
        raise invalid("destination", f"The app is in {ref.region} already; name another region.")
    if ref.region not in state.settings.regions:
        known = ", ".join(state.settings.regions)
        raise invalid("destination", f"There is no region {ref.region!r}; there are {known}.")
    return End(ref, state.settings.regions[ref.region])
