"""The whole of storky on one machine, while a block lasts."""

import fcntl
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TextIO

from local import operator_key
from local.endpoints import Endpoints, endpoints_of, publish, withdraw
from local.errors import InUseError, LocalError
from local.layout import Layout
from local.parts import Parts
from local.supervisor import Supervisor, Unit


class Process:
    """One service or server of a running system, to be disturbed."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._starts = unit.starts

    @property
    def pid(self) -> int:
        """Its process id; raises ProcessLookupError while it is not running."""
        pid = self._unit.program.pid
        if pid is None:
            raise ProcessLookupError(f"{self._unit.name} is not running")
        return pid

    def kill(self) -> None:
        """Send SIGKILL; the supervisor brings it back."""
        self._send(signal.SIGKILL)

    def terminate(self) -> None:
        """Send SIGTERM; the supervisor brings it back."""
        self._send(signal.SIGTERM)

    def stop(self) -> None:
        """Let it stand still."""
        self._send(signal.SIGSTOP)

    def cont(self) -> None:
        """Let it go on."""
        self._send(signal.SIGCONT)

    async def back(self) -> None:
        """Return when it is ready again, under a new process id."""
        await self._unit.until_started(self._starts + 1)

    def _send(self, number: signal.Signals) -> None:
        self._starts = self._unit.starts
        os.kill(self.pid, number)


class System:
    """A running system."""

    def __init__(self, layout: Layout, parts: Parts, supervisor: Supervisor) -> None:
        self._layout = layout
        self._parts = parts
        self._supervisor = supervisor

    @property
    def endpoints(self) -> Endpoints:
        """How to reach it, with the process ids of now."""
        return endpoints_of(self._layout, self._supervisor.pids())

    def process(self, name: str) -> Process:
        """Return a service (`relay`) or a server (`rabbitmq`, `osc-fr1-postgres`) by its name."""
        return Process(self._supervisor.unit(name))

    async def restart_rabbitmq(self) -> None:
        """Kill the broker, and return when it is back with its data."""
        broker = self.process("rabbitmq")
        broker.kill()
        await broker.back()

    @asynccontextmanager
    async def another(self, name: str) -> AsyncIterator[None]:
        """Run a second process of a service while the block lasts, beside the supervised one."""
        twin = self._parts.service(name, called=f"{name}-twin")
        try:
            await twin.start()
            yield
        finally:
            await twin.stop()


AfterReady = Callable[[System], Awaitable[None]]


@asynccontextmanager
async def running(
    directory: Path,
    settings: Mapping[str, str] | None = None,
    *,
    after_ready: AfterReady | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[System]:
    """Run everything in a directory; enter when all is ready, leave when all has stopped.

    `settings` are environment variables for every service, over those STORKY_* that we have ourselves.
    `after_ready` is called before endpoints.json appears. Raises LocalError when something does not start.
    """
    with _locked(directory) as home:
        layout = Layout(home, os.environ)
        layout.archive.mkdir(mode=0o700, exist_ok=True)
        operator_key.keep(home)
        parts = Parts(layout, {**os.environ, **(settings or {})})
        supervisor = Supervisor(
            parts.units(),
            on_restart=lambda: publish(home, system.endpoints),
            tell=tell,
        )
        system = System(layout, parts, supervisor)
        withdraw(home)
        try:
            async with supervisor.running():
                if after_ready:
                    await after_ready(system)
                publish(home, system.endpoints)
                try:
                    yield system
                finally:
                    withdraw(home)
        finally:
            withdraw(home)  # a restart may have published once more


@contextmanager
def _locked(directory: Path) -> Iterator[Path]:
    """Yield the directory's absolute path, while no other system can run in it."""
    with _opened(directory) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUseError(
                f"storky is already running in {directory}: stop it first, or choose another --dir."
            ) from None
        yield directory.absolute()


def _opened(directory: Path) -> TextIO:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return (directory / "lock").open("w")
    except OSError as error:
        raise LocalError(f"{directory} cannot be used: {error.strerror}. Choose another --dir.") from error
