"""How much one user, or one address, may ask for: token buckets in the memory of this process."""

import math
from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from throttled import RateLimiterType, Throttled
from throttled.rate_limiter import per_duration
from throttled.store import MemoryStore

from services.gateway import tokens
from services.gateway.errors import ApiError, respond, too_many
from services.gateway.metrics import LIMITED
from services.gateway.settings import Rate, Settings

EXCHANGES = (("POST", "/v1/tokens/exchange"), ("POST", "/console/sign-in"))
MOST = 10_000  # users, and addresses, whose buckets are kept: the ones seen last
NETWORK = 64  # bits: what of an IPv6 address belongs to one customer
SECOND = timedelta(seconds=1)

Answer = Callable[[Request, ApiError], Response]


class Limits:
    """Answers 429 to what is too much, before anything else looks at it."""

    def __init__(self, app: ASGIApp, settings: Settings, answer: Answer = respond) -> None:
        self._app = app
        self._answer = answer
        self._key = settings.jwt_key.get_secret_value()
        self._buckets = {
            name: _bucket(getattr(settings.rates, name)) for name in type(settings.rates).model_fields
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, unless it is one too many."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        limit, whose = self._bucket_of(request)
        seconds = self._seconds_to_wait(limit, whose)
        if not seconds:
            await self._app(scope, receive, send)
            return
        LIMITED.labels(limit).inc()
        await self._answer(request, too_many(seconds))(scope, receive, send)

    def _bucket_of(self, request: Request) -> tuple[str, str]:
        """Return the limit that counts for a request, and for whom: its user, else its address."""
        if (request.method, request.url.path) in EXCHANGES:
            return "exchange", _customer(request)
        _, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            return "user", tokens.verify(token, self._key).sub
        except tokens.InvalidTokenError:
            return "anonymous", _customer(request)

    def _seconds_to_wait(self, limit: str, whose: str) -> int:
        """Take a token from the bucket; return the whole seconds until there is one, 0 if there was."""
        result = self._buckets[limit].limit(whose)
        return max(1, math.ceil(result.state.retry_after)) if result.limited else 0


def _bucket(rate: Rate) -> Throttled:
    return Throttled(
        using=RateLimiterType.GCRA.value,  # a token bucket that is one number
        quota=per_duration(SECOND, rate.per_second, burst=rate.burst),
        store=MemoryStore(options={"MAX_SIZE": MOST}),
    )


def _customer(request: Request) -> str:
    """Return whose address a request comes from, as far as that can be told."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(ip_network((address, NETWORK), strict=False))
    return host
