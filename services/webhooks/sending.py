"""Takes what is due, and has it sent: to each endpoint one after the other, to all at the same time."""

import random
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

import anyio
import structlog

from events.store import LogUnavailableError
from events.store.subscriptions import Hint
from services.webhooks.deliveries import Deliveries, Delivery
from services.webhooks.posting import NotSentError, Poster

_LOOK = 0.5  # seconds between two looks at what is due
_MARGIN = timedelta(seconds=5)  # for the database, beyond the time that an attempt may take

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
        self._lease = timedelta(seconds=patience.timeout) + _MARGIN
        self._free = Hint()

    async def run(self) -> None:
        """Send until cancelled; while the database is away nothing is lost but time."""
        async with anyio.create_task_group() as group:
            while True:
                try:
                    await self._park()
                    for delivery in await self._deliveries.claim(self._lease):
                        group.start_soon(self._send, delivery)
                except LogUnavailableError as error:
                    log.warning("cannot tell what is due", action="webhook_retry", error=type(error).__name__)
                await self._free.wait(_LOOK)

    async def _park(self) -> None:
        for parked in await self._deliveries.park_overdue(timedelta(seconds=self._patience.period)):
            log.error(
                "webhook parked",
                action="webhook_parked",
                endpoint=parked.endpoint,
                event_id=str(parked.id),
                problem=parked.problem,
            )

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
            await self._fail(delivery, str(error))
            return
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            await self._deliveries.end_delivered(delivery)
            log.info("webhook delivered", action="webhook_delivered", **_named(delivery))
        else:
            await self._fail(delivery, f"answered {status}", gone=status == HTTPStatus.GONE)

    async def _fail(self, delivery: Delivery, problem: str, *, gone: bool = False) -> None:
        pause = self._patience.pause_after(delivery.attempts + 1)
        await self._deliveries.end_failed(delivery, problem, pause, pause=gone)
        action = "webhook_paused" if gone else "webhook_failed"
        log.warning(
            "webhook not delivered",
            action=action,
            problem=problem,
            attempt=delivery.attempts + 1,
            **_named(delivery),
        )


def _named(delivery: Delivery) -> dict[str, str]:
    return {"endpoint": delivery.endpoint, "event_id": str(delivery.id), "type": delivery.type}
