"""Everything that passes the bus while somebody listens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
import anyio

from events.bus.topology import COMMANDS, EVENTS, PROGRESS

PATIENCE = 30  # seconds


class Overheard:
    """The messages so far, each with its properties and headers."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    async def hear(self, message: aio_pika.abc.AbstractIncomingMessage) -> None:
        """Keep a message."""
        self.messages.append(message.body + repr(message.info()).encode())

    async def heard(self, text: bytes) -> None:
        """Wait until a message holds this text; raises TimeoutError."""
        with anyio.fail_after(PATIENCE):
            while not any(text in message for message in self.messages):
                await anyio.sleep(0.05)


@asynccontextmanager
async def overhearing(url: str) -> AsyncIterator[Overheard]:
    """Yield what is heard of all exchanges in the block; `url` is the broker's administrator's."""
    overheard = Overheard()
    async with await aio_pika.connect(url) as connection, connection.channel() as channel:
        queue = await channel.declare_queue(exclusive=True)
        for exchange in (COMMANDS, EVENTS, PROGRESS):
            await queue.bind(exchange, "#")
        await queue.consume(overheard.hear, no_ack=True)
        yield overheard
