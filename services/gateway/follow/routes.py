"""Following a migration over HTTP: an extension of the contract, for our own CLI, browsers and scripts."""

from typing import Annotated

from fastapi import APIRouter, Header

from services.gateway.auth import Authorization, signed_in
from services.gateway.document import errors
from services.gateway.errors import ApiError, invalid
from services.gateway.follow.document import TOLD
from services.gateway.follow.response import EventStream
from services.gateway.follow.stream import Allowed, stream
from services.gateway.migrations import NamedMigration, one
from services.gateway.state import GatewayState, State

router = APIRouter(prefix=one.prefix, responses=errors(403))

UNAUTHORIZED = 401
LastEventId = Annotated[
    int | None, Header(ge=1, le=2**31 - 1, description="Go on after the event with this id.")
]


@router.get("/follow", status_code=200, response_class=EventStream, responses=TOLD)
async def follow(
    migration: NamedMigration,
    state: GatewayState,
    authorization: Authorization = "",
    last_event_id: LastEventId = None,
) -> EventStream:
    """Send a migration's events, its state after each, and how far tasks are, until it ends."""
    after = last_event_id or 0
    if after > migration.version:
        raise invalid("last-event-id", f"The latest event of this migration is {migration.version}.")
    return EventStream(
        stream(state.hub, migration.app_id, migration, after, still_allowed(state, authorization))
    )


def still_allowed(state: State, authorization: str) -> Allowed:
    """Return the question whether who began to follow may go on."""

    async def ask() -> bool:
        try:
            await signed_in(state, authorization)
        except ApiError as error:
            return error.status != UNAUTHORIZED
        return True

    return ask
