"""Consume a queue for ever: hand each message to the handler, then do what it answered."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import anyio
import structlog
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from events.bus import copies
from events.bus.calls import call
from events.bus.delivery import Again, Delivery, Done, Handler, Park, Verdict
from events.bus.errors import BusError
from events.bus.link import Link, close, watch
from events.bus.publisher import Outgoing, Publisher
from events.bus.topology import delay_for
from events.tracing import traced

MOST_ATTEMPTS = 10
CALL_SECONDS = 10
PAUSE_SECONDS = 1  # before trying again what the broker refused

log = structlog.get_logger()


@dataclass(frozen=True)
class _Received:
    message: AbstractIncomingMessage
    channel: AbstractChannel


class Consumer:
    """One queue and its handler. What is not acknowledged when it ends is delivered again by the broker."""

    def __init__(
        self,
        link: Link,
        publisher: Publisher,
        queue: str,
        handler: Handler,
        *,
        prefetch: int,
        concurrency: int,
        ladder: Sequence[float],
    ) -> None:
        self._link = link
        self._publisher = publisher
        self._queue = queue
        self._handler = handler
        self._prefetch = prefetch
        self._concurrency = concurrency
        self._ladder = ladder

    async def run(self) -> None:
        """Consume until cancelled, on a new channel after each loss."""
        send, receive = anyio.create_memory_object_stream[_Received](math.inf)  # prefetch bounds it
        async with send, receive, anyio.create_task_group() as group:
            for _ in range(self._concurrency):
                group.start_soon(self._work, receive)
            while True:
                try:
                    await self._receive(send)
                except BusError as error:
                    log.warning("cannot consume", action="bus.consume", queue=self._queue, error=str(error))
                    await anyio.sleep(PAUSE_SECONDS)

    async def _receive(self, send: MemoryObjectSendStream[_Received]) -> None:
        """Receive on one channel until the broker ends it."""
        deadline = anyio.current_time() + CALL_SECONDS
        async with self._link.channel(deadline) as channel:
            await call(channel.set_qos(prefetch_count=self._prefetch), deadline)
            ended = await watch(channel)

            async def on_message(message: AbstractIncomingMessage) -> None:
                send.send_nowait(_Received(message, channel))

            queue = await channel.get_queue(self._queue, ensure=False)
            await call(queue.consume(on_message), deadline)
            await ended.wait()

    async def _work(self, receive: MemoryObjectReceiveStream[_Received]) -> None:
        async for received in receive:
            if received.channel.is_closed:
                continue  # the broker delivers it again
            delivery = copies.read(received.message, self._queue)
            await self._settle(received, delivery, await self._verdict(delivery))

    async def _verdict(self, delivery: Delivery) -> Verdict:
        try:
            return await self._handler(delivery)
        except Exception as error:  # noqa: BLE001 - whatever it is, the message must go somewhere
            log.error(  # noqa: TRY400 - the text of an error may quote what nobody may keep
                "the handler failed",
                action="bus.handle",
                queue=self._queue,
                message_id=delivery.message_id,
                attempt=delivery.attempt,
                **traced(error),
            )
            if delivery.attempt + 1 >= MOST_ATTEMPTS:
                return Park(f"its handler failed {MOST_ATTEMPTS} times, at last with {type(error).__name__}")
            return Again(delay_for(delivery.attempt, self._ladder), failed=True)

    async def _settle(self, received: _Received, delivery: Delivery, verdict: Verdict) -> None:
        match verdict:
            case Done():
                await _acknowledge(received)
            case Again(delay, failed):
                await self._replace(received, copies.delayed(delivery, delay, failed=failed))
            case Park(reason):
                log.warning("parked", action="bus.park", queue=self._queue, message_id=delivery.message_id)
                await self._replace(received, copies.parked(delivery, reason))

    async def _replace(self, received: _Received, copy: Outgoing) -> None:
        """Acknowledge a message once its copy is safe; until then the broker keeps it."""
        while not received.channel.is_closed:
            try:
                await self._publisher.publish(copy)
            except BusError as error:
                log.warning("cannot publish a copy", action="bus.copy", queue=self._queue, error=str(error))
                await anyio.sleep(PAUSE_SECONDS)
            else:
                await _acknowledge(received)
                return


async def _acknowledge(received: _Received) -> None:
    try:
        await call(received.message.ack(), anyio.current_time() + CALL_SECONDS)
    except BusError:
        # The broker delivers again what was not acknowledged when its channel ends, and not before.
        await close(received.channel)
