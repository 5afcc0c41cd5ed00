"""One connection to the broker that is there again after each loss."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import aio_pika
import anyio
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection
from yarl import URL

from events.bus import lenient
from events.bus.calls import call
from events.bus.errors import BusUnavailableError

HEARTBEAT_SECONDS = 10
CONNECT_SECONDS = 10
CLOSE_SECONDS = 1
BACK_OFF_SECONDS = (0.1, 0.2, 0.5, 1, 2, 5)

log = structlog.get_logger()


class Link:
    """The connection as it is now. run() keeps it alive; channel() lends a part of it."""

    def __init__(self, urls: Sequence[str], name: str) -> None:
        lenient.install()
        self._nodes = [URL(url) for url in urls]
        self._name = name
        self._connection: AbstractConnection | None = None
        self._connected = anyio.Event()

    @property
    def user(self) -> str:
        """The broker user we are."""
        return self._nodes[0].user or "guest"

    async def run(self) -> None:
        """Connect to one node after the other, for ever."""
        failures = 0
        for node in itertools.cycle(self._nodes):
            try:
                await self._stay_connected(node)
                failures = 0
            except BusUnavailableError as error:
                failures += 1
                log.warning("no connection", action="bus.connect", node=_place(node), error=str(error))
            await anyio.sleep(BACK_OFF_SECONDS[min(failures, len(BACK_OFF_SECONDS) - 1)])

    @asynccontextmanager
    async def channel(self, deadline: float) -> AsyncIterator[AbstractChannel]:
        """Open a channel with confirms, on which a returned message is an error; close it at the end."""
        channel = await self.open_channel(deadline)
        try:
            yield channel
        finally:
            await close(channel)

    async def open_channel(self, deadline: float, *, confirms: bool = True) -> AbstractChannel:
        """Open such a channel for as long as the connection lasts; raises BusUnavailableError."""
        connection = await self._current(deadline)
        channel = connection.channel(publisher_confirms=confirms, on_return_raises=confirms)
        await call(channel.initialize(), deadline)
        return channel

    async def _current(self, deadline: float) -> AbstractConnection:
        with anyio.move_on_at(deadline):
            while self._connection is None:
                await self._connected.wait()
            return self._connection
        raise BusUnavailableError("there is no connection to the broker")

    async def _stay_connected(self, node: URL) -> None:
        # Not by aio_pika.connect(): what it makes, and cannot connect, nobody could close.
        connection = aio_pika.Connection(node.update_query(heartbeat=HEARTBEAT_SECONDS, name=self._name))
        lost = asyncio.Event()
        connection.close_callbacks.add(lambda *_: lost.set())
        try:
            await call(connection.connect(), anyio.current_time() + CONNECT_SECONDS)
            if connection.connected.is_set():  # else it was lost before we listened
                await self._lend(connection, node, lost)
        finally:
            await close(connection)

    async def _lend(self, connection: AbstractConnection, node: URL, lost: asyncio.Event) -> None:
        log.info("connected", action="bus.connected", node=_place(node))
        self._connection = connection
        self._connected.set()
        try:
            await lost.wait()
            log.warning("connection lost", action="bus.lost", node=_place(node))
        finally:
            self._connection = None
            self._connected = anyio.Event()


async def watch(channel: AbstractChannel) -> asyncio.Event:
    """Return what is set when the channel closes, or the broker cancels its consumer (its queue is gone)."""
    ended = asyncio.Event()
    channel.close_callbacks.add(lambda *_: ended.set())
    underlay = await channel.get_underlay_channel()
    underlay.on_consumer_cancel_callbacks.add(lambda _: ended.set())
    if channel.is_closed:
        ended.set()
    return ended


async def close(resource: AbstractChannel | AbstractConnection) -> None:
    """Close it, also when we are being cancelled; a broker that does not answer is not waited for."""
    with anyio.CancelScope(shield=True), suppress(BusUnavailableError):
        await call(_closed(resource), anyio.current_time() + CLOSE_SECONDS)


async def _closed(resource: AbstractChannel | AbstractConnection) -> None:
    await resource.close()


def _place(node: URL) -> str:
    return f"{node.host}:{node.port}"
