"""Who is calling, and what they may do at all."""

from typing import Annotated

from fastapi import Depends, Header, Security
from fastapi.security import HTTPBearer

from services.gateway import tokens
from services.gateway.errors import refused, unauthorized
from services.gateway.state import GatewayState, State
from services.gateway.tokens import User

# The document shows it as a security scheme, not as a header.
Authorization = Annotated[str, Header(include_in_schema=False)]
TOKEN = HTTPBearer(
    auto_error=False,
    bearerFormat="JWT",
    scheme_name="token",
    description="Of POST /v1/tokens/exchange; good for two hours.",
)


async def recognised(state: State, authorization: str) -> User | None:
    """Return the user whose signed token this header has, None if it has none of ours.

    Raises ApiError: 401 when the token is ours and its API token was revoked or has expired, 503 when that
    cannot be found out.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        user = tokens.verify(token, state.settings.jwt_key.get_secret_value())
    except tokens.InvalidTokenError:
        return None
    if not await state.sessions.alive(user):
        raise unauthorized("The API token behind this token was revoked or has expired; ask for a new one.")
    return user


async def signed_in(state: State, authorization: str) -> User:
    """Return the user whose signed token this header has; 401 without a valid one."""
    if user := await recognised(state, authorization):
        return user
    if authorization.lower().startswith("bearer "):
        raise unauthorized("The token is invalid or has expired; exchange your API token again.")
    raise unauthorized("Send a token: Authorization: Bearer <token from /v1/tokens/exchange>.")


async def caller(
    state: GatewayState, _shown: Annotated[object, Security(TOKEN)], authorization: Authorization = ""
) -> User:
    """Return the user whose signed token came with the request."""
    return await signed_in(state, authorization)


Caller = Annotated[User, Depends(caller)]


async def reads_all(user: Caller) -> User:
    """Return the caller, if it is an operator or an auditor; 403 for a plain user."""
    if not user.reads_all:
        raise refused(403, "not_allowed", "Only operators and auditors may see this.")
    return user


async def operator_only(user: Caller) -> User:
    """Return the caller, if it is an operator; 403 for everybody else."""
    if user.role != "operator":
        raise refused(403, "not_allowed", "Only operators may do this.")
    return user


ReadsAll = Annotated[User, Depends(reads_all)]
OperatorOnly = Annotated[User, Depends(operator_only)]
