"""API tokens, made, listed and revoked by operators: an extension of the contract."""

from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from services.common.times import Time
from services.gateway.auth import OperatorOnly
from services.gateway.bodies import SmallBodyRoute
from services.gateway.document import errors
from services.gateway.errors import ApiError, invalid, not_found
from services.gateway.identity.model import Token
from services.gateway.settings import Role
from services.gateway.state import GatewayState, State

router = APIRouter(prefix="/v1/storky/tokens", route_class=SmallBodyRoute, responses=errors(403))
log = structlog.get_logger()


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be printable")
    return text


Short = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_printable)]


class NewToken(BaseModel):
    """Whose, and for what. The name and the address may be left out for a user who has a token already."""

    user_id: Short = Field(description="As the regions know the user: the id that apps show of their owner.")
    username: Short | None = None
    email: Short | None = None
    role: Role
    label: Annotated[str, StringConstraints(max_length=200), AfterValidator(_printable)] = ""
    expires_at: Time | None = Field(default=None, description="Never, without one.")


class NewTokenBody(BaseModel):
    """Wrapped, as the contract's bodies are."""

    token: NewToken


class CreatedToken(Token):
    """A new token with its secret, which is shown this once."""

    secret: str


class CreatedTokenBody(BaseModel):
    """Wrapped, as the contract's bodies are."""

    token: CreatedToken


class TokenBody(BaseModel):
    """Wrapped, as the contract's bodies are."""

    token: Token


class TokensBody(BaseModel):
    """Wrapped, as the contract's bodies are."""

    tokens: list[Token]


@router.post("", status_code=201)
async def create(body: NewTokenBody, state: GatewayState, user: OperatorOnly) -> CreatedTokenBody:
    """Make an API token. Its secret is in this answer and nowhere else."""
    wanted = body.token
    username, email = await _names(wanted, state)
    token, secret = await state.tokens.create(
        user_id=wanted.user_id,
        username=username,
        email=email,
        role=wanted.role,
        label=wanted.label,
        expires_at=wanted.expires_at,
    )
    log.info("token created", action="token.create", token=str(token.id), role=token.role, by=user.sub)
    return CreatedTokenBody(token=CreatedToken(**token.model_dump(), secret=secret))


@router.get("")
async def index(state: GatewayState, _: OperatorOnly) -> TokensBody:
    """List all API tokens, the newest first, the revoked and the expired ones too."""
    return TokensBody(tokens=await state.tokens.every())


@router.post("/{token_id}/revoke")
async def revoke(token_id: str, state: GatewayState, user: OperatorOnly) -> TokenBody:
    """Revoke an API token, and within seconds all that was signed for it."""
    token = await state.tokens.revoke(_uuid(token_id))
    if token is None:
        raise _no_token(token_id)
    state.sessions.forget(token.id)
    log.info("token revoked", action="token.revoke", token=str(token.id), by=user.sub)
    return TokenBody(token=token)


async def _names(wanted: NewToken, state: State) -> tuple[str, str]:
    known = None if wanted.username and wanted.email else await state.tokens.latest_of(wanted.user_id)
    username, email = wanted.username or (known and known.username), wanted.email or (known and known.email)
    for field, value in (("username", username), ("email", email)):
        if not value:
            raise invalid(field, f"This user has no token yet: say the {field} that their apps shall show.")
    assert username
    assert email
    return username, email


def _uuid(token_id: str) -> UUID:
    try:
        return UUID(token_id)
    except ValueError:
        raise _no_token(token_id) from None


def _no_token(token_id: str) -> ApiError:
    return not_found("token", f"There is no API token {token_id}; list them.")
