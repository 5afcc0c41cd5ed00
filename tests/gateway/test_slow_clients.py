"""Clients that send, or read, byte by byte: cut off, while others are answered."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from local.ports import free_port
from services.common.connections import StrictH11Protocol

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
LARGE = 64 * 1024 * 1024  # bytes; more than any buffer between the two


class Quick(StrictH11Protocol):
    """As strict, in less time."""

    grace = 0.5
    stall = 0.5


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body; answer with its size, or with more than anybody asked for."""
    size = 0
    while True:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    length = LARGE if scope["path"] == "/large" else 1
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % length)]}
    )
    for _ in range(0, length, 65_536):
        await send({"type": "http.response.body", "body": b"x" * min(length, 65_536), "more_body": True})
    await send({"type": "http.response.body"})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    port = free_port()
    config = uvicorn.Config(app, port=port, log_config=None, lifespan="off", http=Quick, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield port
    server.should_exit = True
    thread.join(20)


def byte_by_byte(sent: bytes) -> Callable[[socket.socket], None]:
    """Return what sends this slowly, until nobody listens any more."""

    def drip(connection: socket.socket) -> None:
        for each in sent:
            connection.sendall(bytes([each]))
            time.sleep(0.05)

    return drip


def until_cut_off(drip: Callable[[socket.socket], None], connection: socket.socket) -> None:
    with suppress(OSError):
        drip(connection)


def answer(connection: socket.socket) -> bytes:
    """Return all that comes, until the end."""
    received = b""
    while chunk := connection.recv(65_536):
        received += chunk
    return received


SLOW = {
    "headers": byte_by_byte(HEAD * 20),
    "a body": byte_by_byte(HEAD + b"Content-Length: 1000\r\n\r\n" + b"x" * 1_000),
    "a chunk": byte_by_byte(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 1_000),
}


@pytest.mark.parametrize("kind", SLOW)
def test_a_request_that_drips_is_cut_off_with_a_reason_and_others_are_answered(port: int, kind: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        dripping = threading.Thread(target=until_cut_off, args=(SLOW[kind], connection))
        dripping.start()
        assert httpx.post(f"http://127.0.0.1:{port}/", content=b"x", trust_env=False).status_code == 200
        head, _, body = answer(connection).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 ")
        assert json.loads(body)["code"] == "too_slow"
    dripping.join(30)


def test_a_connection_without_a_request_is_closed(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        assert answer(connection) == b""


def test_an_answer_that_nobody_reads_is_not_kept(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(2)  # a slow reader: nothing to poll for
        assert len(answer(connection)) < LARGE


def test_a_long_request_at_a_real_pace_is_not_cut_off(port: int) -> None:
    def body() -> Iterator[bytes]:
        for _ in range(20):
            time.sleep(0.05)
            yield b"x" * 4_096

    answered = httpx.post(f"http://127.0.0.1:{port}/", content=body(), trust_env=False)
    assert answered.status_code == 200
