"""What the supervisor keeps running."""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import anyio

from local.child import Child, pid_of


class Program(Protocol):
    """Something with a life: a server, a service, or one piece of work."""

    @property
    def pid(self) -> int | None:
        """The process to look at, or to send signals to; None when there is none."""

    async def start(self) -> None:
        """Return when it is ready; raises LocalError. It may be started again after it has ended."""

    async def wait(self) -> None:
        """Return when it has ended."""

    async def stop(self) -> None:
        """End it in good order, also in the middle of a start; does nothing if it is not running."""


class ServiceProcess:
    """A service: told everything by its environment, it writes a file when it is ready."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], directory: Path
    ) -> None:
        """Name the program. Its log is DIRECTORY/log/NAME.log."""
        self._name = name
        self._command = command
        self._log = directory / "log" / f"{name}.log"
        self._ready = directory / "ready" / name
        self._environment = {**environment, "STORKY_READY_FILE": str(self._ready)}
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """The process id, while it is running."""
        return pid_of(self._child)

    async def start(self) -> None:
        """Return when the service has written its ready file; raises StartError."""
        self._ready.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._ready.unlink(missing_ok=True)
        self._child = Child(self._command, env=self._environment, log=self._log)
        await self._child.until(self._is_ready, f"The service {self._name}")

    async def wait(self) -> None:
        """Return when the process has ended."""
        if self._child:
            await self._child.wait()

    async def stop(self) -> None:
        """Send SIGTERM; 10 s later, SIGKILL."""
        if self._child:
            await self._child.stop()
            self._child = None

    async def _is_ready(self) -> bool:
        return self._ready.exists()


class OneShot:
    """A piece of work that others wait for, and that leaves no process."""

    pid = None

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work

    async def start(self) -> None:
        """Do the work."""
        await self._work()

    async def wait(self) -> None:
        """Wait for ever: it is done, and cannot end."""
        await anyio.sleep_forever()

    async def stop(self) -> None:
        """Do nothing."""


def python_module(name: str) -> list[str]:
    """Return the command that runs a module of ours."""
    return [sys.executable, "-m", name]
