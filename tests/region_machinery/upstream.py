"""A small HTTP/1.1 server that says what it was asked."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio.abc import SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

from local.ports import free_port


@dataclass
class Upstream:
    """`/slow` answers once released, `/echo` the body; after an upgrade, bytes are sent back."""

    name: str
    port: int
    waiting: anyio.Event = field(default_factory=anyio.Event)
    release: anyio.Event = field(default_factory=anyio.Event)

    async def answer(self, stream: SocketStream) -> None:
        received = BufferedByteReceiveStream(stream)
        head = (await received.receive_until(b"\r\n\r\n", 65536)).decode()
        request, *lines = head.split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        path = request.split(" ")[1]
        if headers.get("upgrade"):
            await stream.send(
                b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
            )
            while True:
                await stream.send(await received.receive())
        if path == "/slow":
            self.waiting.set()
            await self.release.wait()
        if path == "/echo":
            body = await received.receive_exactly(int(headers["content-length"]))
            await stream.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            await stream.send(body)
            return
        body = json.dumps({"by": self.name, "path": path, "headers": headers}).encode()
        await stream.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body))
        await stream.send(body)


@asynccontextmanager
async def upstream(name: str, port: int | None = None) -> AsyncIterator[Upstream]:
    served = Upstream(name, port or free_port())

    async def answer(stream: SocketStream) -> None:
        async with stream:
            try:
                await served.answer(stream)
            except (anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError):
                return  # a look whether we are there, or a client that has gone

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=served.port)
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, answer)
        yield served
        group.cancel_scope.cancel()
