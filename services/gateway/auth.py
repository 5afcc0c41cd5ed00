"""The three authentication calls, and who is calling."""

import base64
import binascii
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Header

from services.gateway import tokens
from services.gateway.errors import refused, unauthorized
from services.gateway.state import GatewayState
from services.gateway.tokens import User

router = APIRouter(prefix="/v1")

Authorization = Annotated[str, Header()]


def caller(state: GatewayState, authorization: Authorization = "") -> User:
    """Return the user whose signed token came with the request; 401 without a valid one."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise unauthorized("Send a token: Authorization: Bearer <token from /v1/tokens/exchange>.")
    try:
        return tokens.verify(token, state.settings.jwt_key.get_secret_value())
    except tokens.InvalidTokenError:
        raise unauthorized("The token is invalid or has expired; exchange your API token again.") from None


Caller = Annotated[User, Depends(caller)]


def reads_all(user: Caller) -> User:
    """Return the caller, if it is an operator or an auditor; 403 for a plain user."""
    if not user.reads_all:
        raise refused(403, "not_allowed", "Only operators and auditors may see this.")
    return user


def operator_only(user: Caller) -> User:
    """Return the caller, if it is an operator; 403 for everybody else."""
    if user.role != "operator":
        raise refused(403, "not_allowed", "Only operators may do this.")
    return user


ReadsAll = Annotated[User, Depends(reads_all)]
OperatorOnly = Annotated[User, Depends(operator_only)]


@router.post("/tokens/exchange")
async def exchange(state: GatewayState, authorization: Authorization = "") -> dict[str, str]:
    """Exchange an API token, sent as the password of an empty user, for a signed token."""
    user = tokens.find(state.settings.api_tokens, _password(authorization))
    if user is None:
        raise unauthorized("The API token is unknown; send it as the password, with an empty user.")
    return {"token": tokens.sign(user, state.settings.jwt_key.get_secret_value())}


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
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return "" if user else password
