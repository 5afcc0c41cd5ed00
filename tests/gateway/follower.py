"""Following a migration with next to nothing: a socket, and what came out of it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import anyio
from anyio.abc import SocketStream

from tests.gateway.stack import Stack

SECONDS = 60


@dataclass
class Follower:
    """One connection, read as it comes; chunks of the transfer end where events do."""

    socket: SocketStream
    status: int = 0
    seen: bytearray = field(default_factory=bytearray)

    async def read_until(self, wanted: bytes) -> None:
        """Read until this has been sent; fails when the connection ends before."""
        with anyio.fail_after(SECONDS):
            while wanted not in self.seen:
                self.seen += await self.socket.receive()

    async def read_to_end(self) -> None:
        """Read what is sent until the answer is complete."""
        await self.read_until(b"\r\n0\r\n\r\n")

    @property
    def events(self) -> list[tuple[str, Any]]:
        """What was sent: the name of each event, with its data."""
        _, _, body = bytes(self.seen).partition(b"\r\n\r\n")
        lines = body.replace(b"\r\n", b"\n").decode().split("\n")
        names = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
        data = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
        return list(zip(names, data, strict=True))

    def of(self, name: str) -> list[Any]:
        """Return the data of the events of this name."""
        return [data for each, data in self.events if each == name]


@asynccontextmanager
async def following(stack: Stack, path: str, token: str, last_event_id: str = "") -> AsyncIterator[Follower]:
    """Open a stream and read the answer's first line."""
    address = urlsplit(stack.url)
    async with await anyio.connect_tcp(address.hostname or "", address.port or 0) as socket:
        resume = f"Last-Event-ID: {last_event_id}\r\n" if last_event_id else ""
        request = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n{resume}\r\n"
        await socket.send(request.encode())
        follower = Follower(socket)
        await follower.read_until(b"\r\n\r\n")
        follower.status = int(follower.seen[9:12])
        yield follower
