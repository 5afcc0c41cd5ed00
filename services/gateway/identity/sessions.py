"""Whether a signed token is still backed by the API token it was exchanged for."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from services.gateway.errors import ApiError
from services.gateway.identity.model import Token
from services.gateway.identity.store import ApiTokens
from services.gateway.tokens import User

FRESH = 3.0  # seconds until a revoked token has stopped everywhere
# Seconds that what was read last is believed while the database is away: a restart of it cuts nobody off.
STALE = 60.0
MOST = 10_000


@dataclass(frozen=True)
class _Known:
    token: Token | None
    at: float


class Sessions:
    """The API tokens behind the JWTs in use, each read again every few seconds."""

    def __init__(self, tokens: ApiTokens, clock: Callable[[], float] = time.monotonic) -> None:
        self._tokens = tokens
        self._clock = clock
        self._known: OrderedDict[UUID, _Known] = OrderedDict()  # the latest last

    async def alive(self, user: User) -> bool:
        """Tell whether this user's JWT is still good: neither it nor its API token is over.

        Raises ApiError (503) if that cannot be found out.
        """
        token = await self._token(user.tid)
        return token is not None and token.stands_for(user) and time.time() < user.exp

    def forget(self, token_id: UUID) -> None:
        """Read this token again before it is believed."""
        self._known.pop(token_id, None)

    async def _token(self, token_id: UUID) -> Token | None:
        known = self._known.get(token_id)
        if known and self._age(known) < FRESH:
            return known.token
        try:
            token = await self._tokens.with_id(token_id)
        except ApiError:
            if known and self._age(known) < STALE:
                return known.token
            raise
        self._keep(token_id, token)
        return token

    def _age(self, known: _Known) -> float:
        return self._clock() - known.at

    def _keep(self, token_id: UUID, token: Token | None) -> None:
        self._known.pop(token_id, None)
        self._known[token_id] = _Known(token, self._clock())
        if len(self._known) > MOST:
            self._known.popitem(last=False)
