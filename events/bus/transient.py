"""Messages that count only now, such as how far a task is: nobody keeps them, and a lost one is no loss."""

from collections.abc import Callable
from typing import NoReturn

import anyio
import structlog
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aiormq.abc import FieldTable

from events.bus.calls import call
from events.bus.errors import BusError
from events.bus.link import Link, watch

PUBLISH_SECONDS = 1  # more would hold up the work that is told of
CALL_SECONDS = 10
PAUSE_SECONDS = 1  # before listening again after a failure
BACKLOG = 1_000  # messages that wait for a slow listener; the oldest go first

Hear = Callable[[bytes], None]

log = structlog.get_logger()


class Announcer:
    """Publishes without confirms, on one channel."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._channel: AbstractChannel | None = None
        self._opening = anyio.Lock()

    async def publish(self, exchange: str, routing_key: str, body: bytes) -> None:
        """Publish once; a failure is logged, and the message dropped."""
        deadline = anyio.current_time() + PUBLISH_SECONDS
        try:
            channel = await self._shared(deadline)
            target = await channel.get_exchange(exchange, ensure=False)
            message = Message(
                body, delivery_mode=DeliveryMode.NOT_PERSISTENT, content_type="application/json"
            )
            await call(target.publish(message, routing_key, mandatory=False), deadline)
        except BusError as error:
            log.warning("dropped", action="bus.transient", exchange=exchange, error=str(error))

    async def _shared(self, deadline: float) -> AbstractChannel:
        async with self._opening:
            if self._channel is None or self._channel.is_closed:
                self._channel = await self._link.open_channel(deadline, confirms=False)
            return self._channel


async def listen(link: Link, exchange: str, key: str, hear: Hear) -> NoReturn:
    """Call `hear` with each message's body until cancelled, through a new queue after each loss."""
    while True:
        try:
            await _listen(link, exchange, key, hear)
        except BusError as error:
            log.warning("cannot listen", action="bus.listen", exchange=exchange, error=str(error))
            await anyio.sleep(PAUSE_SECONDS)


async def _listen(link: Link, exchange: str, key: str, hear: Hear) -> None:
    """Listen on one channel until the broker ends it. The queue is ours alone, and goes with it."""
    deadline = anyio.current_time() + CALL_SECONDS
    async with link.channel(deadline) as channel:
        ended = await watch(channel)

        async def on_message(message: AbstractIncomingMessage) -> None:
            hear(message.body)

        arguments: FieldTable = {"x-queue-type": "classic", "x-max-length": BACKLOG}
        declaring = channel.declare_queue(exclusive=True, auto_delete=True, arguments=arguments)
        queue = await call(declaring, deadline)
        await call(queue.bind(exchange, key), deadline)
        await call(queue.consume(on_message, no_ack=True), deadline)
        await ended.wait()
