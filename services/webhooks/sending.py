"""Takes what is due, and has it sent: to each endpoint one after the other, to all at the same time."""

import random
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

import anyio
import structlog

from events.store import LogUnavailableError
from events.store.subscriptions import Hint
from services.webhooks.deliveries import Deliveries, Delivery, Failure
from services.webhooks.posting import NotSentError, Poster

_LOOK = 0.5  # seconds between two looks at what is due
_MARGIN = 5  # seconds for the database, beyond what an attempt may take
_NO_MORE_NOW = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)

log = structlog.get_logger()


@dataclass(frozen=True)
class Patience:
    """How long an attempt may take, when the next one is made, and when no more are, all in seconds."""

    timeout: float
    first: float
    longest: float
    period: float

    def pause_after(self, attempts: int) -> timedelta:
        """Return the time to wait when so many have failed: twice as long each time, half of it by chance."""
        pause = min(self.longest, self.first * 2.0 ** min(attempts - 1, 50))
        return timedelta(seconds=pause * random.uniform(0.5, 1))  # noqa: S311 - spreads load, hides nothing


class Sender:
    """Several may run: an endpoint is one sender's while that sends to it."""

    def __init__(self, deliveries: Deliveries, poster: Poster, patience: Patience) -> None:
        self._deliveries = deliveries
        self._poster = poster
        self._patience = patience
        self._free = Hint()

    async def run(self) -> None:
        """Send until cancelled; while the database is away nothing is lost but time."""
        async with anyio.create_task_group() as group:
            while True:
                try:
                    for delivery in await self._claim():
                        group.start_soon(self._send, delivery)
                except LogUnavailableError as error:
                    log.warning("cannot tell what is due", action="webhook_retry", error=type(error).__name__)
                await self._free.wait(_LOOK)

    async def _claim(self) -> list[Delivery]:
        asked = anyio.current_time()
        claimed = await self._deliveries.claim(timedelta(seconds=self._patience.timeout + _MARGIN))
        # After a slow answer an attempt might outlast its lease, and somebody else's begin beside it.
        return claimed if anyio.current_time() - asked < _MARGIN else []

    async def _send(self, delivery: Delivery) -> None:
        try:
            await self._attempt(delivery)
        except LogUnavailableError as error:
            # It is taken again after the lease: an event may come twice, its id is the same.
            log.warning("end of a webhook not kept", action="webhook_retry", error=type(error).__name__)
        self._free()

    async def _attempt(self, delivery: Delivery) -> None:
        try:
            status = await self._poster.post(delivery)
        except NotSentError as error:
            await self._fail(delivery, str(error), None)
            return
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            await self._deliveries.end_delivered(delivery)
            log.info("webhook delivered", action="webhook_delivered", **_named(delivery))
        else:
            await self._fail(delivery, f"answered {status}", status)

    async def _fail(self, delivery: Delivery, problem: str, status: int | None) -> None:
        failure = Failure(
            problem=problem,
            again_in=self._patience.pause_after(delivery.attempts + 1),
            rest=timedelta(seconds=self._patience.first if status is None or status in _NO_MORE_NOW else 0),
            gone=status == HTTPStatus.GONE,
        )
        period = timedelta(seconds=self._patience.period)
        parked = await self._deliveries.end_failed(delivery, failure, period)
        log.warning(
            "webhook not delivered",
            action="webhook_parked" if parked else "webhook_paused" if failure.gone else "webhook_failed",
            problem=problem,
            attempt=delivery.attempts + 1,
            **_named(delivery),
        )


def _named(delivery: Delivery) -> dict[str, str]:
    return {"endpoint": delivery.endpoint, "event_id": str(delivery.id), "type": delivery.type}
