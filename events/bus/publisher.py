"""Publish: persistent, confirmed, and an error if no queue takes the message."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import anyio
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractChannel

from events.bus.calls import call, persist
from events.bus.errors import PublishRefusedError
from events.bus.link import Link
from events.envelope import CONTENT_TYPE


@dataclass(frozen=True)
class Outgoing:
    """A message to publish. `mandatory`: it is an error if no queue takes it."""

    exchange: str
    routing_key: str
    body: bytes
    message_id: UUID | str
    headers: Mapping[str, str | int] = field(default_factory=dict)
    reply_to: str | None = None
    correlation_id: str | None = None
    content_type: str = CONTENT_TYPE
    mandatory: bool = True


class Publisher:
    """Publishes on one channel, on which many messages may wait for their confirms."""

    def __init__(self, link: Link, timeout_seconds: float) -> None:
        self._link = link
        self._timeout = timeout_seconds
        self._channel: AbstractChannel | None = None
        self._opening = anyio.Lock()

    async def publish(self, outgoing: Outgoing) -> None:
        """Return when the broker has stored the message; try until the time-out if it is not available.

        Raises BusUnavailableError, UnroutableError or PublishRefusedError.
        """
        deadline = anyio.current_time() + self._timeout
        await persist(lambda: self._try(outgoing, deadline), deadline)

    async def _try(self, outgoing: Outgoing, deadline: float) -> None:
        try:
            await send(await self._shared(deadline), outgoing, self._link.user, deadline)
        except PublishRefusedError:
            # For one refused message the broker closes the channel, and so fails all that wait there. On a
            # channel of its own each learns what holds for itself.
            async with self._link.channel(deadline) as channel:
                await send(channel, outgoing, self._link.user, deadline)

    async def _shared(self, deadline: float) -> AbstractChannel:
        async with self._opening:
            if self._channel is None or self._channel.is_closed:
                self._channel = await self._link.open_channel(deadline)
            return self._channel


async def send(channel: AbstractChannel, outgoing: Outgoing, user: str, deadline: float) -> None:
    """Publish on this channel and wait for the confirm; raises as Publisher.publish does."""
    exchange = await channel.get_exchange(outgoing.exchange, ensure=False)
    message = Message(
        outgoing.body,
        headers=dict(outgoing.headers),
        content_type=outgoing.content_type,
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=str(outgoing.message_id),
        correlation_id=outgoing.correlation_id,
        reply_to=outgoing.reply_to,
        user_id=user,
    )
    await call(exchange.publish(message, outgoing.routing_key, mandatory=outgoing.mandatory), deadline)
