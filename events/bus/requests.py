"""Ask over the bus and wait for the answer, through the broker's direct reply-to."""

import asyncio
from collections.abc import MutableMapping
from dataclasses import replace
from uuid import uuid4

import anyio
import structlog
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from events.bus import topology
from events.bus.addresses import is_broker_made
from events.bus.calls import call, persist
from events.bus.delivery import Delivery
from events.bus.errors import BusError, NoReplyError, UnroutableError
from events.bus.link import Link, close
from events.bus.publisher import Outgoing, Publisher, send

log = structlog.get_logger()


class Requests:
    """The requests under way. Replies come on the channel that asked, so there is one for both."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._channel: AbstractChannel | None = None
        self._opening = anyio.Lock()
        self._waiting: MutableMapping[str, asyncio.Future[bytes]] = {}

    async def request(self, outgoing: Outgoing, timeout_seconds: float) -> bytes:
        """Publish and return the reply's body; raises NoReplyError, and all that publishing raises."""
        deadline = anyio.current_time() + timeout_seconds
        correlation_id = str(uuid4())
        question = replace(outgoing, reply_to=topology.REPLIES, correlation_id=correlation_id)
        reply: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[correlation_id] = reply
        try:
            await persist(lambda: self._ask(question, deadline), deadline)
            with anyio.move_on_at(deadline):
                return await reply
        finally:
            del self._waiting[correlation_id]
        raise NoReplyError(f"no reply to {outgoing.routing_key} within {timeout_seconds} s")

    async def _ask(self, question: Outgoing, deadline: float) -> None:
        await send(await self._open(deadline), question, self._link.user, deadline)

    async def _open(self, deadline: float) -> AbstractChannel:
        async with self._opening:
            if self._channel is None or self._channel.is_closed:
                channel = await self._link.open_channel(deadline)
                await self._listen(channel, deadline)
                self._channel = channel
            return self._channel

    async def _listen(self, channel: AbstractChannel, deadline: float) -> None:
        queue = await channel.get_queue(topology.REPLIES, ensure=False)
        try:
            await call(queue.consume(self._on_reply, no_ack=True), deadline)
        except BaseException:
            await close(channel)  # nobody would hear a reply on it
            raise

    async def _on_reply(self, message: AbstractIncomingMessage) -> None:
        reply = self._waiting.get(message.correlation_id or "")
        if reply is not None and not reply.done():
            reply.set_result(message.body)


async def answer(publisher: Publisher, delivery: Delivery, body: bytes) -> None:
    """Reply to a request; a reply that does not arrive is no error, and whoever waits for it asks again."""
    if delivery.reply_to is None:
        return
    if not is_broker_made(delivery.reply_to):
        # Any other name would let a publisher have us write into a queue of its choice.
        log.warning("reply address refused", action="bus.reply", actor=delivery.actor)
        return
    reply = Outgoing(
        exchange=topology.DEFAULT_EXCHANGE,
        routing_key=delivery.reply_to,
        body=body,
        message_id=uuid4(),
        correlation_id=delivery.correlation_id,
        content_type="application/json",  # an outcome is no event
    )
    try:
        await publisher.publish(reply)
    except UnroutableError:
        pass  # it did not wait
    except BusError as error:
        log.warning("cannot reply", action="bus.reply", actor=delivery.actor, error=str(error))
