"""Copies of a message: what they carry, and what of it is believed when they come back.

A copy is a new message to the broker, published by whoever consumed the first. What the broker knew of the
first travels in headers, and anyone may write headers. So they are believed only from a user of ours, and
only on the ways that the broker's permissions keep for our users.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import uuid4

from aio_pika.abc import AbstractIncomingMessage

from events.bus import topology
from events.bus.delivery import Delivery
from events.bus.publisher import Outgoing

ACTOR = "storky-actor"  # empty: the publisher of the first did not say who it was
ROUTING_KEY = "storky-routing-key"
ATTEMPT = "storky-attempt"
LOOK = "storky-look"
REASON = "storky-parked-reason"
PARKED_AT = "storky-parked-at"

_OWN_PREFIX = "storky-"
_BROKER_PREFIX = "x-"  # x-death above all: a broker before 4.0.1 drops a message that seems to go in circles
_MORE_KEYS = ("CC", "BCC")  # the broker would send the copy to these routing keys too
_OUR_WAYS = frozenset({topology.DEFAULT_EXCHANGE, topology.RESEND, topology.PARKED})

# All headers of a message travel in one frame (of 128 KiB, unless the broker is told otherwise), ours too.
MOST_HEADERS = 50
LONGEST_HEADER = 500  # characters
LONGEST_NAME = 128  # bytes; the library would cut off the rest, and log the name
LONGEST_REASON = 2_000  # characters


def read(message: AbstractIncomingMessage, queue: str) -> Delivery:
    """Return the message as its consumer sees it."""
    headers = message.headers if _believed(message) else {}
    actor = str(headers[ACTOR]) or None if ACTOR in headers else message.user_id
    return Delivery(
        queue=queue,
        routing_key=str(headers.get(ROUTING_KEY, _routing_key(message))),
        body=message.body,
        message_id=message.message_id,
        user_id=message.user_id,
        actor=actor,
        headers=_publishers_own(message.headers),
        reply_to=message.reply_to,
        correlation_id=message.correlation_id,
        redelivered=bool(message.redelivered),
        attempt=_count(headers, ATTEMPT),
        look=_count(headers, LOOK),
    )


def delayed(delivery: Delivery, seconds: float, *, failed: bool) -> Outgoing:
    """Return the copy that comes back to its queue after the nearest delay."""
    key = topology.delay_key(topology.nearest_delay(seconds))
    counts = {ATTEMPT: delivery.attempt + failed, LOOK: delivery.look + (not failed)}
    return _copy(delivery, topology.delay_exchange(delivery.queue), key, counts)


def parked(delivery: Delivery, reason: str) -> Outgoing:
    """Return the copy that stays in the parked queue."""
    story = {REASON: reason[:LONGEST_REASON], PARKED_AT: datetime.now(UTC).isoformat()}
    return _copy(delivery, topology.PARKED, delivery.queue, story)


def resent(delivery: Delivery) -> Outgoing:
    """Return the copy that goes from the parked queue to where it came from, with its counts at zero."""
    return _copy(delivery, topology.RESEND, delivery.queue, {})


def last_death(message: AbstractIncomingMessage) -> Mapping[str, Any]:
    """Return how the broker dead-lettered this message the last time; empty if it never did."""
    story = message.headers.get("x-death")
    last = story[0] if isinstance(story, list) and story else {}
    return last if isinstance(last, dict) else {}


def _believed(message: AbstractIncomingMessage) -> bool:
    way = message.exchange
    if way == topology.PARKED:
        way = str(last_death(message).get("exchange", way))  # how it had come to the queue where it died
    return way in _OUR_WAYS and (message.user_id or "").startswith(topology.INTERNAL_PREFIX)


def _routing_key(message: AbstractIncomingMessage) -> str:
    keys = last_death(message).get("routing-keys") if message.exchange == topology.PARKED else None
    return str(keys[0] if isinstance(keys, list) and keys else message.routing_key)


def _copy(delivery: Delivery, exchange: str, key: str, story: Mapping[str, str | int]) -> Outgoing:
    origin = {ACTOR: delivery.actor or "", ROUTING_KEY: delivery.routing_key}
    return Outgoing(
        exchange=exchange,
        routing_key=key,
        body=delivery.body,
        message_id=delivery.message_id or uuid4(),
        headers={**delivery.headers, **origin, **story},
        reply_to=delivery.reply_to,
        correlation_id=delivery.correlation_id,
    )


def _publishers_own(headers: Mapping[str, Any]) -> dict[str, str | int]:
    kept = ((name, value) for name, value in headers.items() if _can_be_kept(name, value))
    return dict(islice(kept, MOST_HEADERS))


def _can_be_kept(name: str, value: object) -> bool:
    # Only text and numbers: the library reads other kinds that it cannot write.
    return (
        isinstance(value, str | int)
        and len(str(value)) <= LONGEST_HEADER
        and len(name.encode()) <= LONGEST_NAME
        and not name.startswith((_OWN_PREFIX, _BROKER_PREFIX))
        and name not in _MORE_KEYS
    )


def _count(headers: Mapping[str, Any], name: str) -> int:
    value = headers.get(name, 0)
    return value if isinstance(value, int) else 0
