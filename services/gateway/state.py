"""What the gateway holds while it runs, and how a request reaches it."""

from dataclasses import dataclass
from typing import Annotated

import httpx
from fastapi import Depends, Request

from services.gateway.commands import Commands
from services.gateway.errors import not_found
from services.gateway.follow.hub import Hub
from services.gateway.identity.sessions import Sessions
from services.gateway.identity.store import ApiTokens
from services.gateway.progress import Progress
from services.gateway.reads import Reads
from services.gateway.settings import Region, Settings
from services.gateway.webhooks.store import Webhooks


@dataclass(frozen=True)
class State:
    """One per process; made when the server starts."""

    settings: Settings
    tokens: ApiTokens
    sessions: Sessions
    http: httpx.AsyncClient
    reads: Reads
    commands: Commands
    progress: Progress
    hub: Hub
    webhooks: Webhooks


async def state_of(request: Request) -> State:
    """Return the process's state; FastAPI would call a plain function in a thread, for each request."""
    state = request.app.state.gateway
    assert isinstance(state, State)
    return state


GatewayState = Annotated[State, Depends(state_of)]


def region_named(region: str, state: GatewayState) -> Region:
    """Return the region that the path names; 404 for an unknown one."""
    try:
        return state.settings.regions[region]
    except KeyError:
        known = ", ".join(state.settings.regions)
        raise not_found("region", f"There is no region {region}; there are {known}.") from None


NamedRegion = Annotated[Region, Depends(region_named)]
