"""The bus, as a service uses it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NoReturn

import anyio

from events.bus.consumer import Consumer
from events.bus.delivery import Delivery, Handler
from events.bus.link import Link
from events.bus.publisher import Outgoing, Publisher
from events.bus.requests import Requests, answer
from events.bus.topology import DELAYS
from events.bus.transient import Announcer, Hear, listen

TIMEOUT_SECONDS = 10


class Bus:
    """A connection that survives the broker's restarts. Any number of tasks may use it at once."""

    def __init__(self, link: Link, timeout_seconds: float) -> None:
        self.link = link
        self._publisher = Publisher(link, timeout_seconds)
        self._requests = Requests(link)
        self._announcer = Announcer(link)

    async def publish(self, outgoing: Outgoing) -> None:
        """Return when the broker has stored the message (at least once).

        Raises BusUnavailableError after the time-out (it may or may not have arrived: publish it again
        later), UnroutableError or PublishRefusedError.
        """
        await self._publisher.publish(outgoing)

    async def publish_transient(self, exchange: str, routing_key: str, body: bytes) -> None:
        """Publish what counts only now (JSON), to whoever listens. Takes a second at most, never fails."""
        await self._announcer.publish(exchange, routing_key, body)

    async def listen(self, exchange: str, key: str, hear: Hear) -> NoReturn:
        """Call `hear` with the body of each transient message, until cancelled.

        `key` may have the wildcards of a topic exchange. What is published while we are not connected is
        missed. `hear` must not raise.
        """
        await listen(self.link, exchange, key, hear)

    async def consume(
        self,
        queue: str,
        handler: Handler,
        *,
        prefetch: int,
        concurrency: int,
        ladder: Sequence[float] = DELAYS,
    ) -> None:
        """Consume until cancelled, through every loss of the connection.

        The broker hands out up to `prefetch` messages before it waits for acknowledgements; `concurrency` of
        them are handled at the same time. A handler that raises is asked again after the ladder's delays (in
        seconds), and after the tenth failure the message is parked. Handlers must be idempotent.
        """
        await Consumer(
            self.link,
            self._publisher,
            queue,
            handler,
            prefetch=prefetch,
            concurrency=concurrency,
            ladder=ladder,
        ).run()

    async def request(self, outgoing: Outgoing, timeout_seconds: float) -> bytes:
        """Publish and return the reply's body; raises NoReplyError, and all that publish() raises."""
        return await self._requests.request(outgoing, timeout_seconds)

    async def reply(self, delivery: Delivery, body: bytes) -> None:
        """Answer a request; never fails, for nobody may wait for it (any more).

        Have a connection of its own for it: RabbitMQ 3 ends the one that replies to a node that is gone.
        """
        await answer(self._publisher, delivery, body)


@asynccontextmanager
async def connect(
    urls: Sequence[str], name: str, *, timeout_seconds: float = TIMEOUT_SECONDS
) -> AsyncIterator[Bus]:
    """Keep a connection to one of the broker's nodes, as `name`, for the length of the block.

    Does not wait for the broker: what needs it waits, publishing at most `timeout_seconds`.
    """
    link = Link(urls, name)
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(link.run)
            yield Bus(link, timeout_seconds)
            group.cancel_scope.cancel()
    except BaseExceptionGroup as errors:
        if len(errors.exceptions) > 1:
            raise
        raise errors.exceptions[0] from None  # the block's own error, as if there were no group
