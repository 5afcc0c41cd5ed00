"""Commands that the gateway refuses by rights: recorded in the log of events, as rejected commands are."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import structlog
from fastapi import Depends, Request
from pydantic import ValidationError

from events.bus import BusError
from events.commands import RefuseCommand
from events.envelope import Envelope
from events.vocabulary import AppRef, Message
from services.gateway.auth import Caller
from services.gateway.commands import Commands
from services.gateway.errors import ApiError
from services.gateway.orders import SOURCE
from services.gateway.state import GatewayState
from services.gateway.tokens import User

PATIENCE = 1.0  # seconds; whoever was refused does not wait for the broker
BY_RIGHTS = (403, 404)

log = structlog.get_logger()


def recorded(command: type[Message]) -> Any:
    """Return a dependency that has a route's refusals recorded: what is not the caller's to do, or to see."""

    async def record(request: Request, state: GatewayState, user: Caller) -> AsyncIterator[None]:
        try:
            yield
        except ApiError as error:
            if error.status in BY_RIGHTS:
                await _publish(state.commands, _refusal(command, request.path_params, error), user)
            raise

    return Depends(record)


def _refusal(command: type[Message], path: dict[str, str], error: ApiError) -> RefuseCommand:
    resource = error.body.get("resource", "resource")
    return RefuseCommand(
        command_type=command.__name__,
        code=error.body.get("code", "not_visible"),
        reason=error.body["error"] if "code" in error.body else f"The caller may see no such {resource}.",
        migration_id=_uuid(path.get("migration_id", "")),
        app=_app(path),
    )


async def _publish(commands: Commands, refusal: RefuseCommand, user: User) -> None:
    envelope = Envelope.wrap(
        refusal,
        id=uuid4(),
        source=SOURCE,
        correlationid=refusal.migration_id or uuid4(),
        onbehalfof=user.sub,
    )
    try:
        await commands.send(envelope, PATIENCE)
    except (BusError, TimeoutError):
        log.warning(
            "a refusal is not recorded",
            action="refusal.lost",
            user=user.sub,
            command=refusal.command_type,
            code=refusal.code,
        )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _app(path: dict[str, str]) -> AppRef | None:
    try:
        return AppRef(region=path["region"], app=path["app"])
    except ValidationError:
        return None
