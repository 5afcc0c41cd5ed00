"""Who calls: a user with a JWT, storky with its service credential, or the holder of an addon token."""

import hmac
import time
from dataclasses import dataclass
from typing import Any, Literal

import jwt
from fastapi import Request

from services.region.api.errors import ApiError, refused
from services.region.region import Region
from services.region.state.people import Person

TOKEN_SECONDS = 3600
TOKEN, ADDON_TOKEN = "token", "addon token"  # how the document names what a caller brings
_ROLES = ("user", "operator", "auditor")


@dataclass(frozen=True)
class User:
    """A user of the platform; an auditor changes nothing."""

    id: str
    username: str
    email: str
    role: Literal["user", "operator", "auditor"]

    @property
    def may_change(self) -> bool:
        """Tell whether this user may change anything at all."""
        return self.role != "auditor"

    def sees(self, owner_id: str) -> bool:
        """Tell whether this user sees what that user owns."""
        return self.role != "user" or self.id == owner_id

    @property
    def public(self) -> Person:
        """The user as apps and deployments show one."""
        return {"id": self.id, "username": self.username, "email": self.email}


@dataclass(frozen=True)
class Service:
    """storky."""


@dataclass(frozen=True)
class AddonHolder:
    """Whoever was given an addon's token."""

    addon_id: str
    may_change: bool


Caller = User | Service | AddonHolder


def region_caller(request: Request) -> Caller:
    """Return who calls the region's API; raises 401."""
    region: Region = request.app.state.region
    token = _bearer(request)
    if _is_service(region, token):
        return Service()
    claims = _claims(token, region.settings.jwt_key.get_secret_value())
    role = claims.get("role", "user")
    if role not in _ROLES:
        raise _unauthorised()
    return User(str(claims["sub"]), str(claims.get("username", "")), str(claims.get("email", "")), role)


def database_caller(request: Request) -> Caller:
    """Return who calls the database API; raises 401."""
    region: Region = request.app.state.region
    token = _bearer(request)
    if _is_service(region, token):
        return Service()
    claims = _claims(token, region.storage.key())
    return AddonHolder(str(claims["sub"]), bool(claims.get("may_change")))


def addon_token(region: Region, addon_id: str, *, may_change: bool) -> str:
    """Return a token for the database API, good for an hour."""
    claims = {"sub": addon_id, "may_change": may_change, "exp": int(time.time()) + TOKEN_SECONDS}
    return jwt.encode(claims, region.storage.key(), "HS256")


def _bearer(request: Request) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise _unauthorised()
    return token.strip()


def _is_service(region: Region, token: str) -> bool:
    credential = region.settings.service_credential.get_secret_value()
    return hmac.compare_digest(token.encode(), credential.encode())


def _claims(token: str, key: str | bytes) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(token, key, ["HS256"], options={"require": ["exp", "sub"]})
    except jwt.InvalidTokenError:
        raise _unauthorised() from None
    return claims


def _unauthorised() -> ApiError:
    return refused(401, "unauthorised", "a valid bearer token is needed")
