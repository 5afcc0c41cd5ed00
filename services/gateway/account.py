"""The three calls of signing in: a token, who it speaks for, and where they may go."""

import base64
from typing import Self
from urllib.parse import urlsplit

from fastapi import APIRouter, Security
from fastapi.security.http import HTTPBase
from pydantic import BaseModel, Field

from services.gateway import tokens
from services.gateway.auth import Authorization, Caller
from services.gateway.bodies import SmallBodyRoute
from services.gateway.errors import unauthorized
from services.gateway.settings import Region
from services.gateway.state import GatewayState

router = APIRouter(prefix="/v1", route_class=SmallBodyRoute)

# Shown in the document; whoever sends it in another way is told so by the call itself.
API_TOKEN = HTTPBase(
    scheme="basic",
    auto_error=False,
    scheme_name="API token",
    description="No user, and the API token as the password.",
)


class SignedToken(BaseModel):
    """What all other calls are made with."""

    token: str = Field(description="A JWT.")


class WireUser(BaseModel):
    """A user, in the contract's words."""

    id: str
    username: str
    fullname: str
    email: str
    flags: dict[str, bool]


class UserBody(BaseModel):
    """Wrapped, as the contract's bodies are."""

    user: WireUser


class WireRegion(BaseModel):
    """A region, behind this gateway."""

    name: str
    display_name: str
    ssh: str
    api: str
    dashboard: str
    database_api: str
    default: bool

    @classmethod
    def of(cls, name: str, region: Region, public_url: str, *, default: bool) -> Self:
        """Return the region in the contract's words."""
        return cls(
            name=name,
            display_name=region.display_name or name,
            ssh=f"{urlsplit(region.front).hostname}:22",
            api=f"{public_url}/{name}",
            dashboard=public_url,
            database_api=f"{public_url}/{name}",
            default=default,
        )


class RegionsBody(BaseModel):
    """Wrapped, as the contract's bodies are."""

    regions: list[WireRegion]


@router.post("/tokens/exchange", dependencies=[Security(API_TOKEN)])
async def exchange(state: GatewayState, authorization: Authorization = "") -> SignedToken:
    """Exchange an API token, sent as the password of an empty user, for a signed token."""
    token = await state.tokens.with_secret(_password(authorization))
    if token is None or not token.valid:
        raise unauthorized(
            "The API token is unknown, revoked or expired; send it as the password of no user."
        )
    return SignedToken(token=tokens.sign(token.as_user(), state.settings.jwt_key.get_secret_value()))


@router.get("/users/self")
async def show_self(user: Caller) -> UserBody:
    """Show who the token speaks for."""
    return UserBody(
        user=WireUser(
            id=user.sub,
            username=user.username,
            fullname=user.username,
            email=user.email,
            flags={"admin": False},  # true makes clients ask for consent before each call
        )
    )


@router.get("/regions")
async def list_regions(state: GatewayState, _: Caller) -> RegionsBody:
    """List the regions, each behind this gateway."""
    regions = state.settings.regions.items()
    public_url = state.settings.public_url
    return RegionsBody(
        regions=[
            WireRegion.of(name, region, public_url, default=index == 0)
            for index, (name, region) in enumerate(regions)
        ]
    )


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
