"""A program that runs as our child, writes its log to a file, and never outlives us."""

import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import anyio

from local.errors import StartError

_LAUNCHER = str(Path(__file__).with_name("launch.py"))
_LOG_TAIL = 4096  # bytes shown when a start fails


class Child:
    """A running child process."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        wrapper: Sequence[str] = (),
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> None:
        """Start the program, its output appended to `log`.

        `wrapper` is put before the command, and must execute it in the same process. `death_signal` is what
        the program gets if we end without stopping it.
        """
        self.log = log
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        tie = [sys.executable, "-I", "-S", _LAUNCHER, str(os.getpid()), str(int(death_signal))]
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*wrapper, *tie, *command],
                env=dict(env),
                cwd=log.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C is for us; we stop our children in order
            )

    @property
    def pid(self) -> int:
        """The program's own process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        self._process.send_signal(number)

    async def wait(self) -> int:
        """Return the exit code once it has ended (negative: the signal that ended it)."""
        if self.running:
            ended = os.pidfd_open(self.pid)
            try:
                await anyio.wait_readable(ended)
            finally:
                os.close(ended)
        return self._process.wait()

    async def stop(self, number: signal.Signals = signal.SIGTERM, grace: float = 10) -> None:
        """Ask it to end, and kill it if it has not after `grace` seconds; a cancellation waits for that."""
        with anyio.CancelScope(shield=True):
            self.send(number)
            self.send(signal.SIGCONT)  # a stopped process does not hear anything else
            with anyio.move_on_after(grace):
                await self.wait()
            await self.kill()

    async def kill(self) -> None:
        """End it at once."""
        with anyio.CancelScope(shield=True):
            self.send(signal.SIGKILL)
            await self.wait()

    async def until(self, ready: Callable[[], Awaitable[bool]], name: str, seconds: float = 60) -> None:
        """Return when `ready` says so. If it ends before, or takes too long: kill it, raise StartError."""
        with anyio.move_on_after(seconds):
            while self.running:
                if await ready():
                    return
                await anyio.sleep(0.05)
        problem = "was not ready in time" if self.running else "ended while starting"
        await self.kill()
        raise StartError(f"{name} {problem}. The end of {self.log}:\n{self.log_tail()}")

    def log_tail(self) -> str:
        """Return the last lines of its log."""
        return self.log.read_bytes()[-_LOG_TAIL:].decode(errors="replace")


def pid_of(child: Child | None) -> int | None:
    """Return the process id of a child, while there is one and it runs."""
    return child.pid if child and child.running else None
