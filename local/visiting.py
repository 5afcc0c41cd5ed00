"""Ask a front for a page, as a browser does."""

import ssl
from contextlib import suppress

import anyio
import httpx

TRIES = 4
PAUSE = 0.1  # seconds between two: a front that changes its routes again and again is through with one
PATIENCE = 30  # seconds

# A front's plain HTTP needs no authorities, and reading those of the system takes 30 ms of processor time.
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


async def visit(
    front: str, host: str, path: str = "/", trust: ssl.SSLContext = NO_AUTHORITIES
) -> httpx.Response:
    """Return the answer to a GET of `host/path` through a front, by HTTP or HTTPS as its URL says.

    `trust` says whose certificates are believed; a region's own are those of its authority.pem. Redirects
    are not followed. A front whose routes change may close a connection that it has not read from yet; like
    any browser, we then send a GET again. Raises httpx.TransportError when that does not help.
    """
    for _ in range(TRIES - 1):
        with suppress(httpx.TransportError):
            return await _ask(front, host, path, trust)
        await anyio.sleep(PAUSE)
    return await _ask(front, host, path, trust)


async def _ask(front: str, host: str, path: str, trust: ssl.SSLContext) -> httpx.Response:
    async with httpx.AsyncClient(base_url=front, timeout=PATIENCE, trust_env=False, verify=trust) as visitor:
        return await visitor.get(path, headers={"Host": host}, extensions={"sni_hostname": host})
