"""The short-lived signed tokens (JWT) that API tokens are exchanged for."""

import time
from datetime import datetime
from uuid import UUID

import jwt
from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError

from services.gateway.settings import Role

ALGORITHM = "HS256"
# Seconds. Clients exchange again before a call when less than an hour is left: so they do it once an hour.
LIFETIME = 2 * 3600


class User(BaseModel):
    """Who a signed token speaks for: its claims."""

    model_config = ConfigDict(frozen=True)

    sub: str = Field(min_length=1)
    username: str
    email: str
    role: Role
    tid: UUID = Field(description="The API token that it was exchanged for, and ends with.")
    exp: StrictInt = Field(description="When it expires, in seconds since 1970.")

    @property
    def reads_all(self) -> bool:
        """Tell whether this user sees everybody's apps and migrations."""
        return self.role != "user"


class InvalidTokenError(Exception):
    """The token is not ours, has expired, or lacks a claim."""


def expiry(of_api_token: datetime | None) -> int:
    """Return when a JWT that is signed now expires: after LIFETIME, and never after its API token.

    A region that is called directly knows the JWT alone. So in its last hour an API token is exchanged before
    every call of a client, and no longer at all after it.
    """
    end = int(time.time()) + LIFETIME
    return min(end, int(of_api_token.timestamp())) if of_api_token else end


def sign(user: User, key: str) -> str:
    """Return the JWT with these claims."""
    return jwt.encode(user.model_dump(mode="json"), key, ALGORITHM)


def verify(token: str, key: str) -> User:
    """Return the user a JWT speaks for; raises InvalidTokenError."""
    try:
        return User.model_validate(jwt.decode(token, key, algorithms=[ALGORITHM]))
    except (jwt.InvalidTokenError, ValidationError) as error:
        raise InvalidTokenError(type(error).__name__) from None
