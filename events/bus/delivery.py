"""What a consumer gets, and what it may answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Delivery:
    """A message from a work queue.

    `user_id` is who published this copy, as the broker checked it; `actor` is who published the original.
    Both are None if the publisher did not say, which the broker allows: refuse a command without an actor.
    """

    queue: str
    routing_key: str  # of the original
    body: bytes
    message_id: str | None
    user_id: str | None
    actor: str | None
    headers: Mapping[str, Any]  # the publisher's own, without the broker's and the bus's
    reply_to: str | None
    correlation_id: str | None
    redelivered: bool
    attempt: int  # how many attempts have failed before this one
    look: int  # how often the handler has asked to look again


@dataclass(frozen=True)
class Done:
    """The effect is durable: acknowledge."""


@dataclass(frozen=True)
class Again:
    """Come back after the nearest delay there is; `failed` counts an attempt, else it was a look."""

    delay_seconds: float
    failed: bool


@dataclass(frozen=True)
class Park:
    """Nothing here can handle it: keep it, with the reason, until somebody sends it again."""

    reason: str


Verdict = Done | Again | Park
Handler = Callable[[Delivery], Awaitable[Verdict]]
