from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import anyio
import pytest
from anyio.abc import SocketStream

from local.ports import free_port
from services.region.machinery.downloads import (
    DigestMismatchError,
    SourceRefusedError,
    SourceUnavailableError,
    fetch,
)
from services.region.machinery.progress import Progress

pytestmark = pytest.mark.anyio

CONTENT = bytes(range(256)) * 5000
DIGEST = sha256(CONTENT).hexdigest()


class Source:
    """A server that answers any request with the same bytes."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/signed?token=secret"
        self.origin = f"http://127.0.0.1:{self.port}"
        self.requests: list[str] = []
        self.answer = [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(CONTENT), CONTENT]
        self.stalls = False

    async def serve(self, stream: SocketStream) -> None:
        # A client that goes away, maybe before it has asked for anything, does not end the server.
        with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
            async with stream:
                self.requests.append((await stream.receive()).decode())
                for part in self.answer:
                    await stream.send(part)
                if self.stalls:
                    await anyio.sleep_forever()


@pytest.fixture
async def source() -> AsyncIterator[Source]:
    source = Source()
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=source.port)
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, source.serve)
        yield source
        group.cancel_scope.cancel()


async def pull(source: Source, to: Path, *, url: str | None = None, digest: str = DIGEST) -> None:
    await fetch(
        source.url if url is None else url,
        to,
        allowed=["http://127.0.0.1:1", source.origin],
        digest=digest,
        size_bytes=len(CONTENT),
        largest=len(CONTENT),
        progress=Progress(),
    )


async def test_a_file_of_the_announced_digest_is_fetched(source: Source, tmp_path: Path) -> None:
    await pull(source, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert source.requests[0].startswith("GET /signed?token=secret ")


@pytest.mark.parametrize(
    "address",
    [
        lambda port: f"http://localhost:{port}/",
        lambda port: f"https://127.0.0.1:{port}/",
        lambda port: f"http://127.0.0.1:{port - 1}/",
        lambda port: f"http://127.0.0.1:{port}@127.0.0.1:{port - 1}/",
        lambda port: f"http://user:password@127.0.0.1:{port}/",
        lambda port: f"http://127.0.0.1:{port}.example.org/",
        lambda port: f"http://127.0.0.1\\@x:{port}/",
        lambda _: "http://127.0.0.1/",
        lambda _: "file:///etc/passwd",
        lambda _: "",
        lambda _: "http://[",
    ],
)
async def test_other_addresses_are_refused_without_a_request(
    source: Source, tmp_path: Path, address: Callable[[int], str]
) -> None:
    with pytest.raises(SourceRefusedError):
        await pull(source, tmp_path / "file", url=address(source.port))
    assert source.requests == []
    assert list(tmp_path.iterdir()) == []


async def test_a_file_that_is_announced_too_large_is_refused(source: Source, tmp_path: Path) -> None:
    with pytest.raises(SourceRefusedError, match="101 bytes; at most 100"):
        await fetch(
            source.url,
            tmp_path / "f",
            allowed=[source.origin],
            digest=DIGEST,
            size_bytes=101,
            largest=100,
            progress=Progress(),
        )
    assert source.requests == []


@pytest.mark.parametrize("content", [CONTENT[:-1] + b"x", CONTENT + b"x", CONTENT[:-1], b""])
async def test_another_file_than_announced_is_not_kept(
    source: Source, tmp_path: Path, content: bytes
) -> None:
    source.answer = [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content), content]
    with pytest.raises(DigestMismatchError):
        await pull(source, tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "answer",
    [
        [b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"],
        [b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"],
        [b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(CONTENT), CONTENT[:1000]],
        [b"nonsense\r\n\r\n"],
        [],
    ],
)
async def test_a_source_that_does_not_deliver_is_unavailable(
    source: Source, tmp_path: Path, answer: list[bytes]
) -> None:
    source.answer = answer
    with pytest.raises(SourceUnavailableError) as raised:
        await pull(source, tmp_path / "file")
    assert "secret" not in f"{raised.value} {raised.value.__cause__}"
    assert len(source.requests) == 1
    assert list(tmp_path.iterdir()) == []


async def test_a_source_that_is_down_is_unavailable(source: Source, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailableError):
        await pull(source, tmp_path / "file", url="http://127.0.0.1:1/")


async def test_a_full_disk_is_told_from_other_failures(source: Source, tmp_path: Path) -> None:
    (tmp_path / "file.partial").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left on device"):
        await pull(source, tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


async def test_a_cancelled_download_leaves_nothing(source: Source, tmp_path: Path) -> None:
    source.answer, source.stalls = source.answer[:1], True
    with anyio.move_on_after(0.3) as scope:
        await pull(source, tmp_path / "file")
    assert scope.cancelled_caught
    assert list(tmp_path.iterdir()) == []
