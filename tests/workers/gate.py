"""A region's API behind a proxy that can also answer in the region's place."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import anyio
from anyio.abc import SocketStream

from local.ports import free_port
from tests.tcp_proxy import TcpProxy

UNAVAILABLE = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: 27\r\n"
    b'Connection: close\r\n\r\n{"error": "under repair  "}\n'
)


class Gate(TcpProxy):
    """While it is shut, every request is answered with 503. Counts what it lets in and what it refuses."""

    def __init__(self, port: int) -> None:
        super().__init__("127.0.0.1", port)
        self.accepted = 0
        self.refused = 0
        self._is_shut = False

    def shut(self) -> None:
        self._is_shut = True
        self.cut()

    def reopen(self) -> None:
        self._is_shut = False

    async def handle(self, client: SocketStream) -> None:
        if self._is_shut:
            await self._refuse(client)
        else:
            self.accepted += 1
            await super().handle(client)

    async def _refuse(self, client: SocketStream) -> None:
        # A client that goes away, maybe before it has asked for anything, does not end the gate.
        with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
            async with client:
                await client.receive()
                await client.send(UNAVAILABLE)
                self.refused += 1


@asynccontextmanager
async def gate(port: int) -> AsyncIterator[Gate]:
    """Yield the gate before a port of this machine."""
    opened = Gate(port)
    opened.port = free_port()
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=opened.port)
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, opened.handle)
        yield opened
        tasks.cancel_scope.cancel()
