"""Files that are there whole, or not at all."""

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


def _digest(file: Path) -> str:
    with file.open("rb") as source:
        return file_digest(source, "sha256").hexdigest()
