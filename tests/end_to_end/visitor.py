"""A visitor of a front: over TLS, with a websocket, with a large body."""

import secrets
import ssl
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import anyio
import httpx
from anyio.streams.buffered import BufferedByteReceiveStream

from local.endpoints import RegionEndpoints

PATIENCE = 60  # seconds


@dataclass(frozen=True)
class Secure:
    """Asks a front over TLS, by a host's name, and trusts what is in `trust` alone."""

    front: RegionEndpoints
    trust: ssl.SSLContext

    async def get(self, host: str, path: str = "/") -> tuple[httpx.Response, bytes]:
        """Return the answer, and the certificate that the front has shown (DER)."""
        async with (
            httpx.AsyncClient(timeout=PATIENCE, trust_env=False, verify=self.trust) as client,
            client.stream(
                "GET",
                f"{self.front.front_tls}{path}",
                headers={"Host": host},
                extensions={"sni_hostname": host},
            ) as answer,
        ):
            shown = answer.extensions["network_stream"].get_extra_info("ssl_object").getpeercert(True)
            await answer.aread()
            return answer, shown


async def says(answer: httpx.Response) -> dict[str, Any]:
    """Return what the app has said of a visit."""
    assert answer.status_code == httpx.codes.OK, (answer.status_code, answer.text)
    told: dict[str, Any] = answer.json()
    return told


async def send(front: str, host: str, megabytes: int) -> bool:
    """Send a large body; returns whether the app has received exactly that."""
    body = secrets.token_bytes(1_000_000) * megabytes
    async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as client:
        answer = await client.post(front, headers={"Host": host}, content=body)
    return bool((await says(answer))["sha256"] == sha256(body).hexdigest())


async def talk(front: str, host: str, text: str) -> str:
    """Open a websocket, say something short, and return what comes back."""
    url, key = httpx.URL(front), b64encode(secrets.token_bytes(16)).decode()
    request = [
        f"GET /talk HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n",
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n",
    ]
    with anyio.fail_after(PATIENCE):
        async with await anyio.connect_tcp(url.host, url.port or 80) as stream:
            received = BufferedByteReceiveStream(stream)
            await stream.send("".join(request).encode())
            head = await received.receive_until(b"\r\n\r\n", 65_536)
            assert head.startswith(b"HTTP/1.1 101 "), head
            await stream.send(_masked(text.encode()))
            _, size = await received.receive_exactly(2)
            return (await received.receive_exactly(size)).decode()


def _masked(payload: bytes) -> bytes:
    """Return a frame of text, as a client sends it."""
    mask = secrets.token_bytes(4)
    masked = bytes(byte ^ mask[number % 4] for number, byte in enumerate(payload))
    return bytes([0x81, 0x80 | len(payload)]) + mask + masked
