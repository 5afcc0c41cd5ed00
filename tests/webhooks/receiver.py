"""Somebody else's HTTP server, which gets webhooks and answers them well or badly."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import anyio
from anyio.abc import AnyByteStream, ByteStream, SocketAttribute
from anyio.from_thread import start_blocking_portal
from anyio.streams.buffered import BufferedByteReceiveStream
from anyio.streams.tls import TLSListener

Answer = Callable[[ByteStream], Awaitable[None]]

_LONGEST_HEAD = 65536
_GONE = (
    anyio.EndOfStream,
    anyio.IncompleteRead,
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    OSError,
)


def status(code: int, *headers: str) -> Answer:
    async def answer(stream: ByteStream) -> None:
        lines = [f"HTTP/1.1 {code} Said", "content-length: 0", *headers, "", ""]
        await stream.send("\r\n".join(lines).encode())

    return answer


def raw(text: bytes) -> Answer:
    """Answer this, and close the connection."""

    async def answer(stream: ByteStream) -> None:
        await stream.send(text)
        await stream.aclose()

    return answer


def without_end(head: bytes, part: bytes, pause: float = 0) -> Answer:
    """Answer with a part, and another, as long as somebody listens."""

    async def answer(stream: ByteStream) -> None:
        await stream.send(head)
        while True:
            await stream.send(part)
            await anyio.sleep(pause)

    return answer


async def hang(_: ByteStream) -> None:
    await anyio.sleep_forever()


TAKEN = status(204)


@dataclass(frozen=True)
class Request:
    """What came."""

    line: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """Gives each request the next of its answers, and when there is none, `otherwise`."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    otherwise: Answer = TAKEN
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    at_once: int = 0
    most_at_once: int = 0

    @property
    def ids(self) -> list[str]:
        return [request.id for request in self.requests]

    async def handle(self, stream: ByteStream) -> None:
        self.connections += 1
        async with stream:
            try:
                buffered = BufferedByteReceiveStream(stream)
                while True:
                    await self._exchange(buffered, stream)
            except _GONE:
                pass  # the sender has ended it, or an answer has

    async def _exchange(self, buffered: BufferedByteReceiveStream, stream: ByteStream) -> None:
        head = (await buffered.receive_until(b"\r\n\r\n", _LONGEST_HEAD)).decode("latin-1")
        line, *lines = head.split("\r\n")
        headers = {name.lower(): value for name, value in (each.split(": ", 1) for each in lines)}
        body = await buffered.receive_exactly(int(headers["content-length"]))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.requests.append(Request(line, headers, body, anyio.current_time()))
        try:
            await (self.answers.pop(0) if self.answers else self.otherwise)(stream)
        finally:
            self.at_once -= 1


class _Tls(TLSListener):
    @staticmethod
    async def handle_handshake_error(_: BaseException, stream: AnyByteStream) -> None:
        """Say nothing: the sender does."""
        await anyio.aclose_forcefully(stream)


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Run a receiver, on a thread of its own."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(_listening(tls)) as receiver:
        yield receiver


@asynccontextmanager
async def _listening(tls: ssl.SSLContext | None) -> AsyncIterator[Receiver]:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0)
    port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - not Django
    receiver = Receiver(f"{'https' if tls else 'http'}://127.0.0.1:{port}/events?token=in-the-url")
    serving = _Tls(listener, tls, standard_compatible=False) if tls else listener
    async with serving, anyio.create_task_group() as group:
        group.start_soon(serving.serve, receiver.handle)
        yield receiver
        group.cancel_scope.cancel()
