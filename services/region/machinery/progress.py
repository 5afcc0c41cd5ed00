"""How far long work is, kept in memory while it is done."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio

_LOOK_AGAIN = 0.5  # seconds


@dataclass
class Progress:
    """How far it is, as well as that is known. Whoever works changes it, others look."""

    bytes: int = 0
    total_bytes: int | None = None
    rows: int | None = None
    total_rows: int | None = None


@asynccontextmanager
async def watched(look: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Look again and again while the block lasts; what a look raises ends the block."""

    async def keep_looking() -> None:
        while True:
            await look()
            await anyio.sleep(_LOOK_AGAIN)

    async with meanwhile(keep_looking):
        yield


@asynccontextmanager
async def meanwhile(work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Do work beside a block, and end it with the block; an error of either is raised, and in no group."""
    failure: Exception | None = None

    async def background() -> None:
        nonlocal failure
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - raised below
            failure = error
            group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(background)
        try:
            yield
        except Exception as error:  # noqa: BLE001 - raised below
            failure = failure or error
        group.cancel_scope.cancel()
    if failure:
        raise failure


def read_position(pid: int, file: Path) -> int:
    """Return how many bytes of a file a process has read; 0 when it has not opened it, or has ended."""
    descriptors, opened = Path(f"/proc/{pid}/fd"), file.resolve()
    try:
        for descriptor in descriptors.iterdir():
            if descriptor.readlink() == opened:
                text = Path(f"/proc/{pid}/fdinfo/{descriptor.name}").read_text()
                return int(text.split()[1])  # its first line is `pos:` and the number
    except (OSError, ValueError):
        pass
    return 0
