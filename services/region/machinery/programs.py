"""The programs that come with a database: what they print quotes customers' data, so it goes nowhere."""

import errno
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE

import anyio
from anyio.abc import ByteReceiveStream, Process

from services.region.machinery.progress import meanwhile

# What programs and servers that speak English say of ENOSPC.
_DISK_FULL = os.strerror(errno.ENOSPC).encode()


@asynccontextmanager
async def running(
    program: Path, *arguments: str, environment: Mapping[str, str], stdout: int = DEVNULL
) -> AsyncIterator[Process]:
    """Run a program while the block lasts, which ends by waiting for it; it is killed when that is cancelled.

    Raises OSError (ENOSPC) at the end if it failed and complained that a disk is full.
    """
    ear = _Ear()
    async with await anyio.open_process(
        [str(program), *arguments],
        stdin=DEVNULL,
        stdout=stdout,
        stderr=PIPE,
        env={"LC_ALL": "C", **environment},
    ) as process:
        assert process.stderr
        stderr = process.stderr
        async with meanwhile(lambda: ear.listen(stderr)):
            yield process
            await process.wait()
            await ear.finished.wait()
    if process.returncode and ear.disk_full:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def run(program: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> int:
    """Run a program to its end; returns its exit code."""
    async with running(program, *arguments, environment=environment or {}) as process:
        return await process.wait()


class _Ear:
    """Hears what a program complains of, and remembers only whether it was a full disk."""

    def __init__(self) -> None:
        self.disk_full = False
        self.finished = anyio.Event()

    async def listen(self, stream: ByteReceiveStream) -> None:
        before = b""
        async for chunk in stream:
            heard = before + chunk
            self.disk_full = self.disk_full or _DISK_FULL in heard
            before = heard[-len(_DISK_FULL) :]
        self.finished.set()
