"""Files that are there whole, or not at all."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
