"""Commands on behalf of a user: sent, answered, and seen in the status projection before we answer."""

import secrets
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Header

from events.commands import AbortMigration, ApproveStep, CreateMigration, RunStep
from events.envelope import Envelope
from events.trace_context import well_formed
from services.gateway.auth import Caller
from services.gateway.commands import RejectedError
from services.gateway.errors import ApiError, invalid, not_found, refused
from services.gateway.state import GatewayState, State
from services.gateway.tokens import User

SOURCE = "storky/gateway"

# The rejections that are about one field of the request; every other is about the migration's state.
FIELD_OF = {"unknown_region": "destination", "same_region": "destination", "invalid_command": "migration"}


class UserOrders:
    """The commands of one request."""

    def __init__(self, state: State, user: User, traceparent: str) -> None:
        self._state = state
        self._user = user
        self._traceparent = traceparent

    async def carry_out(self, command: CreateMigration | RunStep | AbortMigration | ApproveStep) -> None:
        """Return when the command's effect can be read; raises ApiError when refused or in doubt."""
        envelope = Envelope.wrap(
            command,
            id=uuid4(),
            source=SOURCE,
            correlationid=command.migration_id,
            onbehalfof=self._user.sub,
            traceparent=self._traceparent,
        )
        try:
            await self._state.commands.carry_out(envelope)
        except RejectedError as rejection:
            raise _refusal(rejection) from None


async def orders(state: GatewayState, user: Caller, traceparent: Annotated[str, Header()] = "") -> UserOrders:
    """Return the commands of the caller; 403 for an auditor, who may look but not change anything."""
    if user.role == "auditor":
        raise refused(403, "read_only", "An auditor may look at migrations, not change them.")
    return UserOrders(state, user, _trace(traceparent))


Orders = Annotated[UserOrders, Depends(orders)]


def _trace(traceparent: str) -> str:
    """Return the request's trace context, or a new one when it has none that is well formed."""
    return well_formed(traceparent) or f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def _refusal(rejection: RejectedError) -> ApiError:
    if rejection.code == "unknown_migration":
        return not_found("migration", rejection.reason)
    if field := FIELD_OF.get(rejection.code):
        return invalid(field, rejection.reason)
    return refused(400, rejection.code, rejection.reason)
