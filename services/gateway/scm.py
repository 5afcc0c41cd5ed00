"""The code hosts whose repositories apps may be linked to: clients look one up before they link.

Whose repository it is, and who may read it, is for the region to find out: it knows the host by the same id.
"""

from typing import Self

from fastapi import APIRouter
from pydantic import BaseModel

from services.gateway.auth import Caller
from services.gateway.bodies import SmallBodyRoute
from services.gateway.errors import not_found
from services.gateway.settings import ScmIntegration
from services.gateway.state import GatewayState
from services.gateway.tokens import User

router = APIRouter(prefix="/v1/scm_integrations", route_class=SmallBodyRoute)


class WireIntegration(BaseModel):
    """A code host, and whose links to it are meant."""

    id: str
    scm_type: str
    url: str
    username: str
    email: str

    @classmethod
    def of(cls, host: ScmIntegration, user: User) -> Self:
        """Return the host in the contract's words."""
        return cls(
            id=str(host.id), scm_type=host.scm_type, url=host.url, username=user.username, email=user.email
        )


class IntegrationsBody(BaseModel):
    """Wrapped, as the contract's bodies are."""

    scm_integrations: list[WireIntegration]


class IntegrationBody(BaseModel):
    """Wrapped, as the contract's bodies are."""

    scm_integration: WireIntegration


@router.get("")
async def index(state: GatewayState, user: Caller) -> IntegrationsBody:
    """List the code hosts."""
    hosts = state.settings.scm_integrations
    return IntegrationsBody(scm_integrations=[WireIntegration.of(host, user) for host in hosts])


@router.get("/{integration}")
async def show(integration: str, state: GatewayState, user: Caller) -> IntegrationBody:
    """Show the code host of that id, or the first one of that type."""
    for host in state.settings.scm_integrations:
        if integration in (str(host.id), host.scm_type):
            return IntegrationBody(scm_integration=WireIntegration.of(host, user))
    raise not_found("scm_integration", "There is no such integration; list them.")
