"""API tokens in the gateway's own table, by the digests of their secrets."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import anyio
import asyncpg

from services.gateway.database import connection_of
from services.gateway.identity.model import Token
from services.gateway.identity.statements import statement
from services.gateway.settings import ApiToken, Role

PREFIX = "tk-us-"  # so that people, and scanners of leaked secrets, know one when they see it


class ApiTokens:
    """The table. Every call raises ApiError (503) while the database does not answer."""

    def __init__(self, pool: asyncpg.Pool, settings: Sequence[ApiToken]) -> None:
        """Take the tokens that the gateway is started with: they are in the table before anything is read."""
        self._pool = pool
        self._settings = settings
        self._kept = False
        self._keeping = anyio.Lock()

    async def with_id(self, token_id: UUID) -> Token | None:
        """Return a token, valid or not; None if there is none."""
        return await self._one("select_token", token_id)

    async def with_secret(self, secret: str) -> Token | None:
        """Return the token with this secret, valid or not; None if there is none."""
        return await self._one("select_token_by_digest", digest(secret))

    async def latest_of(self, user_id: str) -> Token | None:
        """Return the newest token of a user, valid or not; None if there is none."""
        return await self._one("select_latest_of_user", user_id)

    async def every(self) -> list[Token]:
        """Return all tokens, the newest first."""
        await self._keep_settings()
        async with connection_of(self._pool) as connection:
            return [_token(row) for row in await connection.fetch(statement("select_tokens"))]

    async def create(
        self, *, user_id: str, username: str, email: str, role: Role, label: str, expires_at: datetime | None
    ) -> tuple[Token, str]:
        """Return a new token, and its secret, which nobody can read again."""
        secret = PREFIX + secrets.token_urlsafe(32)
        values = (uuid4(), digest(secret), user_id, username, email, role, label, expires_at)
        made = await self._one("insert_token", *values)
        assert made, "the statement returns its row"
        return made, secret

    async def revoke(self, token_id: UUID) -> Token | None:
        """Return the token, revoked now or before; None if there is none."""
        return await self._one("revoke_token", token_id)

    async def _one(self, name: str, *values: Any) -> Token | None:
        await self._keep_settings()
        async with connection_of(self._pool) as connection:
            row = await connection.fetchrow(statement(name), *values)
        return _token(row) if row else None

    async def _keep_settings(self) -> None:
        """Keep the settings' tokens, once: not at the start, for the database may be away then."""
        async with self._keeping:
            if self._kept:
                return
            rows = [(uuid4(), *_values(token)) for token in self._settings]
            async with connection_of(self._pool) as connection:
                await connection.executemany(statement("keep_setting"), rows)
            self._kept = True


def digest(secret: str) -> str:
    """Return what is kept of a secret."""
    return sha256(secret.encode()).hexdigest()


def _values(token: ApiToken) -> tuple[str, ...]:
    return token.sha256, token.id, token.username, token.email, token.role


def _token(row: asyncpg.Record) -> Token:
    return Token(**row)
