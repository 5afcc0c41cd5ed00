"""One attempt: a signed POST, and what came of it in few words."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import anyio
import httpcore

from services.common.sealing import Seal, SealError
from services.common.webhooks import TargetError, Targets
from services.webhooks.deliveries import Delivery
from services.webhooks.network import CheckedNetwork
from services.webhooks.signing import headers

_IDLE, _IDLE_SECONDS = 100, 30  # connections that are kept for the next delivery, and how long
_LITTLE, _MOMENT = 4096, 1  # bytes of an answer's body, and seconds, until the connection is given up instead

_BROKEN = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)


class NotSentError(Exception):
    """There was no answer; the text says why in words that hold no secret."""


class Poster:
    """Sends deliveries. Redirects are not followed, and of an answer hardly more is read than its status."""

    def __init__(
        self, http: httpcore.AsyncConnectionPool, targets: Targets, seal: Seal, seconds: float
    ) -> None:
        self._http = http
        self._targets = targets
        self._seal = seal
        self._seconds = seconds

    async def post(self, delivery: Delivery) -> int:
        """Return the status that the endpoint has answered; raises NotSentError."""
        try:
            with anyio.fail_after(self._seconds):
                return await self._post(delivery)
        except TimeoutError:
            raise NotSentError(f"no answer within {self._seconds:g} s") from None
        except SealError:
            raise NotSentError("STORKY_WEBHOOK_KEY has changed: add it again, with a new secret") from None
        except TargetError as error:
            raise NotSentError(str(error)) from None
        except Exception as error:  # noqa: BLE001 - whatever a stranger's server does, other endpoints go on
            raise NotSentError(_described(error)) from None

    async def _post(self, delivery: Delivery) -> int:
        url, secret = self._seal.open(delivery.sealed_url), self._seal.open(delivery.sealed_secret)
        self._targets.host(url)
        signed = headers(secret, delivery.id, datetime.now(UTC), delivery.body)
        async with self._http.stream("POST", url, headers=[*signed.items()], content=delivery.body) as answer:
            await _finish(answer)
            return answer.status


@asynccontextmanager
async def connections(targets: Targets) -> AsyncIterator[httpcore.AsyncConnectionPool]:
    """Yield a pool whose connections lead only to what is allowed."""
    async with httpcore.AsyncConnectionPool(
        ssl.create_default_context(),
        max_connections=None,
        max_keepalive_connections=_IDLE,
        keepalive_expiry=_IDLE_SECONDS,
        network_backend=CheckedNetwork(targets),
    ) as pool:
        yield pool


async def _finish(answer: httpcore.Response) -> None:
    """Read the little that is left of an ordinary answer: only then its connection can be used again."""
    taken = 0
    with suppress(*_BROKEN), anyio.move_on_after(_MOMENT):
        async for chunk in answer.aiter_stream():
            taken += len(chunk)
            if taken > _LITTLE:
                return


def _described(error: Exception) -> str:
    if isinstance(error.__context__, ssl.SSLCertVerificationError):  # the pool has cut the cause off
        return f"its certificate is not accepted: {error.__context__.verify_message}"
    if isinstance(error, httpcore.ConnectError):
        return "no connection"
    return f"no answer ({type(error).__name__})"
