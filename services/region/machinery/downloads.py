"""Downloads from other regions: only from known places, no larger than announced, and of a known digest."""

from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from hashlib import sha256
from pathlib import Path

import anyio
import httpx

from services.region.machinery.files import replacing
from services.region.machinery.progress import Progress

_TIMEOUT = httpx.Timeout(30)  # for each read; a whole download may take hours
_DEFAULT_PORTS = {"http": 80, "https": 443}


class DownloadError(Exception):
    """A file was not downloaded; `code` is a stable word for it."""

    code: str


class SourceRefusedError(DownloadError):
    """The address is not one of the allowed origins, or what it offers is too large."""

    code = "source_refused"


class SourceUnavailableError(DownloadError):
    """The source did not answer, or not with the file. Asking again later may succeed."""

    code = "source_unavailable"


class DigestMismatchError(DownloadError):
    """What came is not the file that was announced."""

    code = "digest_mismatch"


async def fetch(
    url: str,
    to: Path,
    *,
    allowed: Collection[str],
    digest: str,
    size_bytes: int,
    largest: int,
    progress: Progress,
) -> None:
    """Download a file of a known sha256 digest and size, from one of the allowed origins (scheme://host:port).

    Redirects are not followed: they could lead anywhere. Raises SourceRefusedError if the origin is not
    allowed or the file is larger than `largest` bytes, SourceUnavailableError, and DigestMismatchError. The
    file is there only after success.
    """
    source = _checked(url, allowed)
    if size_bytes > largest:
        raise SourceRefusedError(f"the file has {size_bytes} bytes; at most {largest} are accepted")
    try:
        async with replacing(to) as output:
            await _copy(source, output, digest, size_bytes, progress)
    except httpx.HTTPError as error:
        # The error's own text may contain the address, which is signed: whoever has it may download.
        raise SourceUnavailableError(f"the source did not answer: {type(error).__name__}") from None


async def _copy(
    source: httpx.URL, output: anyio.AsyncFile[bytes], digest: str, size_bytes: int, progress: Progress
) -> None:
    found, progress.bytes = sha256(), 0  # whoever asks again begins again
    async with aclosing(_chunks(source)) as chunks:  # an end half way closes the connection at once
        async for chunk in chunks:
            progress.bytes += len(chunk)
            if progress.bytes > size_bytes:
                raise DigestMismatchError("the source's file is larger than was announced")
            found.update(chunk)
            await output.write(chunk)
    if found.hexdigest() != digest:
        raise DigestMismatchError("the source's file has another digest than was announced")


async def _chunks(source: httpx.URL) -> AsyncGenerator[bytes, None]:
    headers = {"Accept-Encoding": "identity"}
    async with (
        httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as client,
        client.stream("GET", source, headers=headers) as response,
    ):
        if response.status_code != httpx.codes.OK:
            raise SourceUnavailableError(f"the source answered {response.status_code}")
        async for chunk in response.aiter_raw():
            yield chunk


def _checked(url: str, allowed: Collection[str]) -> httpx.URL:
    # Taken apart by the library that will use it: two parsers may disagree about where an address leads.
    try:
        source = httpx.URL(url)
    except httpx.InvalidURL:
        raise SourceRefusedError("the source is not a URL") from None
    if source.userinfo or _origin(source) not in {_origin(httpx.URL(each)) for each in allowed}:
        raise SourceRefusedError("the source is not at the address of a known region")
    return source


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or _DEFAULT_PORTS.get(url.scheme)
