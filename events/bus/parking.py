"""What is parked: look at it, and send it again to where it came from."""

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import anyio
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from events.bus import copies
from events.bus.calls import call
from events.bus.connection import Bus
from events.bus.delivery import Delivery
from events.bus.topology import PARKED

CALL_SECONDS = 10

UNKNOWN = "the broker gave up on it"
DEATHS = {  # by the broker's word
    "delivery_limit": f"{UNKNOWN} after many deliveries (delivery_limit)",
    "expired": "it expired before anybody took it: its publisher had given it an expiration",
}


@dataclass(frozen=True)
class ParkedMessage:
    """A message that nobody could handle."""

    delivery: Delivery  # its queue is the one it came from
    reason: str
    parked_at: datetime | None


async def list_parked(bus: Bus, limit: int) -> list[ParkedMessage]:
    """Return the oldest parked messages without removing them."""
    parked: list[ParkedMessage] = []
    async with bus.link.channel(_soon()) as channel:
        # Nothing is acknowledged: with the end of the channel all of it is back in its place.
        async for message in _messages(channel):
            parked.append(_parked(message))
            if len(parked) >= limit:
                break
    return parked


async def resend(bus: Bus, message_id: str | None) -> int:
    """Send one message, or all with None, to where it came from; return how many were sent.

    A message leaves the parked queue after its copy is stored. Raises what publishing raises; the rest stays.
    """
    count = 0
    async with bus.link.channel(_soon()) as channel:
        async for message in _messages(channel):
            if message_id in {None, message.message_id}:
                await bus.publish(copies.resent(_delivery(message)))
                await call(message.ack(), _soon())
                count += 1
    return count


async def _messages(channel: AbstractChannel) -> AsyncIterator[AbstractIncomingMessage]:
    """Take as many messages as there are now: what is parked again while we look is for the next time."""
    queue = await channel.get_queue(PARKED, ensure=False)
    message = await call(queue.get(fail=False, timeout=None), _soon())
    left = (message.message_count or 0) if message else 0
    while message:
        yield message
        if left == 0:
            return
        message = await call(queue.get(fail=False, timeout=None), _soon())
        left -= 1


def _parked(message: AbstractIncomingMessage) -> ParkedMessage:
    # Who parks a message publishes a copy, without the broker's story; a dead letter has one.
    if death := copies.last_death(message):
        return ParkedMessage(_delivery(message), _reason(death), _time(death.get("time")))
    reason = str(message.headers.get(copies.REASON, UNKNOWN))
    return ParkedMessage(_delivery(message), reason, _time(message.headers.get(copies.PARKED_AT)))


def _reason(death: Mapping[str, object]) -> str:
    return DEATHS.get(str(death.get("reason")), UNKNOWN)


def _delivery(message: AbstractIncomingMessage) -> Delivery:
    return copies.read(message, message.routing_key or "")


def _time(value: object) -> datetime | None:
    if isinstance(value, str):  # in a copy of ours; a publisher may have put anything into a death's
        with suppress(ValueError):
            return datetime.fromisoformat(value)
    return value if isinstance(value, datetime) else None


def _soon() -> float:
    return anyio.current_time() + CALL_SECONDS
