"""Looking at processes from outside."""

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def using(path: Path) -> set[int]:
    """Return the processes that name the path in their command line or environment, or work in it."""
    return {
        int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _uses(entry, path)
    }


def _uses(process: Path, path: Path) -> bool:
    try:
        told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        return os.fsencode(path) in told or (process / "cwd").readlink().is_relative_to(path)
    except OSError:  # ended meanwhile
        return False


def wait_until_unused(path: Path, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while left := using(path) - {os.getpid()}:
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.05)


@contextmanager
def parent(program: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Run Python code that prints a line when its children run; SIGKILL it at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "running\n"
        yield process
        process.kill()
