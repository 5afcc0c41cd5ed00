"""A TCP proxy that tests put before a server, to cut connections or to let them hang."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from anyio.abc import SocketAttribute, SocketStream


class TcpProxy:
    """Forwards a port of 127.0.0.1. A connection that was cut is closed; one that is paused stays silent."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._open = anyio.Event()
        self._open.set()
        self._connections: set[anyio.CancelScope] = set()
        self.port = 0

    def cut(self) -> None:
        """Close every connection that is open now; new ones are accepted."""
        for scope in self._connections:
            scope.cancel()

    def pause(self) -> None:
        """Forward nothing from now on; connections stay open, and new ones are accepted."""
        self._open = anyio.Event()

    def resume(self) -> None:
        """Forward again, first what was held back."""
        self._open.set()

    async def handle(self, client: SocketStream) -> None:
        async with client:
            with anyio.CancelScope() as scope:
                self._connections.add(scope)
                try:
                    await self._connect(client)
                except (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
                    pass  # either side went away: so does the other
                finally:
                    self._connections.discard(scope)

    async def _connect(self, client: SocketStream) -> None:
        await self._open.wait()
        async with await anyio.connect_tcp(*self._target) as server, anyio.create_task_group() as tasks:
            tasks.start_soon(self._forward, client, server, tasks.cancel_scope)
            tasks.start_soon(self._forward, server, client, tasks.cancel_scope)

    async def _forward(self, source: SocketStream, sink: SocketStream, both: anyio.CancelScope) -> None:
        try:
            async for data in source:
                await self._open.wait()
                await sink.send(data)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass
        both.cancel()


@asynccontextmanager
async def tcp_proxy(target_host: str, target_port: int) -> AsyncIterator[TcpProxy]:
    """Yield a proxy that forwards `proxy.port` to the target."""
    proxy = TcpProxy(target_host, target_port)
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0)
    proxy.port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - not Django
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, proxy.handle)
        yield proxy
        tasks.cancel_scope.cancel()
