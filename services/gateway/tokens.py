"""API tokens, and the short-lived signed tokens they are exchanged for."""

import hmac
import time
from collections.abc import Iterable
from hashlib import sha256

import jwt
from pydantic import BaseModel, Field, ValidationError

from services.gateway.settings import ApiToken, Role

ALGORITHM = "HS256"
LIFETIME = 6 * 3600  # seconds; clients exchange again before every call when less than an hour is left


class User(BaseModel):
    """Who a signed token speaks for: its claims."""

    sub: str = Field(min_length=1)
    username: str
    email: str
    role: Role

    @property
    def reads_all(self) -> bool:
        """Tell whether this user sees everybody's apps and migrations."""
        return self.role != "user"


class InvalidTokenError(Exception):
    """The token is not ours, has expired, or lacks a claim."""


def find(tokens: Iterable[ApiToken], secret: str) -> User | None:
    """Return the user an API token belongs to, comparing with every one so that time tells nothing."""
    digest = sha256(secret.encode()).hexdigest()
    matching = [token for token in tokens if hmac.compare_digest(token.sha256, digest)]
    if not matching:
        return None
    token = matching[0]
    return User(sub=token.id, username=token.username, email=token.email, role=token.role)


def sign(user: User, key: str) -> str:
    """Return a JWT for the user, valid for LIFETIME seconds from now."""
    return jwt.encode({**user.model_dump(), "exp": int(time.time()) + LIFETIME}, key, ALGORITHM)


def verify(token: str, key: str) -> User:
    """Return the user a JWT speaks for; raises InvalidTokenError."""
    try:
        claims = jwt.decode(token, key, algorithms=[ALGORITHM], options={"require": ["exp", "sub"]})
        return User.model_validate(claims)
    except (jwt.InvalidTokenError, ValidationError) as error:
        raise InvalidTokenError(type(error).__name__) from None
