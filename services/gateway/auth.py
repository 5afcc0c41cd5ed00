"""The three authentication calls, and who is calling."""

import base64
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Header

from services.gateway import tokens
from services.gateway.errors import refused, unauthorized
from services.gateway.state import GatewayState, State
from services.gateway.tokens import User

router = APIRouter(prefix="/v1")

Authorization = Annotated[str, Header()]


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


async def caller(state: GatewayState, authorization: Authorization = "") -> User:
    """Return the user whose signed token came with the request; 401 without a valid one."""
    if user := await recognised(state, authorization):
        return user
    if authorization.lower().startswith("bearer "):
        raise unauthorized("The token is invalid or has expired; exchange your API token again.")
    raise unauthorized("Send a token: Authorization: Bearer <token from /v1/tokens/exchange>.")


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


@router.post("/tokens/exchange")
async def exchange(state: GatewayState, authorization: Authorization = "") -> dict[str, str]:
    """Exchange an API token, sent as the password of an empty user, for a signed token."""
    token = await state.tokens.with_secret(_password(authorization))
    if token is None or not token.valid:
        raise unauthorized(
            "The API token is unknown, revoked or expired; send it as the password of no user."
        )
    return {"token": tokens.sign(token.as_user(), state.settings.jwt_key.get_secret_value())}


@router.get("/users/self")
async def show_self(user: Caller) -> dict[str, Any]:
    """Show who the token speaks for."""
    return {
        "user": {
            "id": user.sub,
            "username": user.username,
            "fullname": user.username,
            "email": user.email,
            "flags": {"admin": False},  # true makes clients ask for consent before each call
        }
    }


@router.get("/regions")
async def list_regions(state: GatewayState, _: Caller) -> dict[str, Any]:
    """List the regions, each behind this gateway."""
    public = state.settings.public_url
    return {
        "regions": [
            {
                "name": name,
                "display_name": region.display_name or name,
                "ssh": f"{urlsplit(region.front).hostname}:22",
                "api": f"{public}/{name}",
                "dashboard": public,
                "database_api": f"{public}/{name}",
                "default": index == 0,
            }
            for index, (name, region) in enumerate(state.settings.regions.items())
        ]
    }


def _password(authorization: str) -> str:
    """Return the password of Basic credentials with an empty user; "" stands for anything else."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:  # not base64, not ASCII, or not UTF-8 inside
        return ""
    return "" if user else password
