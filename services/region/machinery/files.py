"""Files that are there whole, or not at all."""

import errno
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import file_digest
from pathlib import Path

import anyio


@asynccontextmanager
async def replacing(file: Path) -> AsyncIterator[anyio.AsyncFile[bytes]]:
    """Write a file that takes its name, durably, only if the block ends without an error."""
    partial = file.with_name(f"{file.name}.partial")
    try:
        async with await anyio.open_file(partial, "wb") as output:
            yield output
            await output.flush()
            await anyio.to_thread.run_sync(os.fsync, output.wrapped.fileno())
        partial.rename(file)
    finally:
        partial.unlink(missing_ok=True)


async def digest(file: Path) -> str:
    """Return the sha256 of a file's bytes, in hexadecimal."""
    return await anyio.to_thread.run_sync(_digest, file)


def is_disk_full(error: Exception) -> bool:
    """Tell whether an error says that there is no room for a file to grow."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def size(file: Path) -> int:
    """Return how many bytes a file has."""
    return file.stat().st_size


def _digest(file: Path) -> str:
    with file.open("rb") as source:
        return file_digest(source, "sha256").hexdigest()
