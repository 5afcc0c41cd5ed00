"""Containers: processes that are kept running, each with all that it starts in a process group of its own."""

import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT
from types import TracebackType
from typing import Literal, Self

import anyio
import structlog
from anyio.abc import ByteReceiveStream, Process, TaskStatus

from services.region.machinery import health
from services.region.machinery.app_logs import AppLogs

_INIT = str(Path(__file__).with_name("container_init.py"))
_FIRST_DELAY, _LONGEST_DELAY = 0.2, 10.0  # seconds between a crash and the next start
_STEADY = 10.0  # seconds after which a container counts as healthy: its next crash is a first one again
_STARTING = 1.0
_DRAIN = 1.0  # seconds for the last lines of a container that has ended
_GRACE = 10.0
_LOOK_AGAIN = 0.05
_LONGEST_LINE = 16_384  # bytes

log = structlog.get_logger()


@dataclass(frozen=True)
class ContainerSpec:
    """What to run. `env` is all of the container's environment but PORT; its values are never logged."""

    id: str
    app_id: str
    type: str
    index: int
    command: str
    cwd: Path
    env: Mapping[str, str] = field(repr=False)
    port: int | None = None


@dataclass(frozen=True)
class ContainerState:
    """A container as it is now. `stopped` means that it is being stopped; then it is gone."""

    id: str
    type: str
    index: int
    state: Literal["starting", "running", "crashed", "stopped"]
    pid: int | None
    started_at: datetime
    restarts: int


class ContainerSupervisor:
    """Runs containers for as long as it is entered; leaving it stops them all."""

    def __init__(self, log_directory: Path, grace_seconds: float = _GRACE) -> None:
        """Say where the apps' logs are, and how long a container has to end after SIGTERM."""
        self.logs = AppLogs(log_directory)
        self._grace_seconds = grace_seconds
        self._containers: dict[str, _Container] = {}
        self._group = anyio.create_task_group()

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        self._group.cancel_scope.cancel()
        return await self._group.__aexit__(kind, error, trace)

    async def start(self, spec: ContainerSpec) -> None:
        """Start a container, and keep it running; returns when its first process exists.

        A container that exists already is left as it is. Raises OSError or ValueError if the system refuses
        its environment.
        """
        while known := self._containers.get(spec.id):
            if not known.scope.cancel_called:
                return
            await known.ended.wait()
        await self._group.start(self._keep, _Container(spec, self.logs, self._grace_seconds))

    async def stop(self, container_id: str) -> None:
        """Stop a container: SIGTERM to all its processes, and SIGKILL after the grace. It need not exist."""
        if container := self._containers.get(container_id):
            container.scope.cancel()
            await container.ended.wait()

    async def stop_app(self, app_id: str) -> None:
        """Stop all containers of an app, at the same time."""
        async with anyio.create_task_group() as group:
            for state in self.states(app_id):
                group.start_soon(self.stop, state.id)

    def states(self, app_id: str) -> list[ContainerState]:
        """Return the app's containers as they are now, in the order they were started in."""
        return [each.state() for each in self._containers.values() if each.spec.app_id == app_id]

    async def wait_healthy(
        self, app_id: str, web_ports: Sequence[int], timeout_seconds: float = 60, settle_seconds: float = 5
    ) -> bool:
        """Return whether an app that was just started works.

        With web containers: each answers `/` with a status below 500 before the time-out. Without: all
        processes stay up until they have settled. Without any container: at once.
        """
        if web_ports:
            return await health.answers(web_ports, timeout_seconds)
        restarts = self._restarts(app_id)
        with anyio.move_on_after(settle_seconds if restarts else 0):
            while self._restarts(app_id) == restarts and self._all_up(app_id):
                await anyio.sleep(_LOOK_AGAIN)
            return False
        return True

    def _restarts(self, app_id: str) -> dict[str, int]:
        return {state.id: state.restarts for state in self.states(app_id)}

    def _all_up(self, app_id: str) -> bool:
        return all(state.state in ("starting", "running") for state in self.states(app_id))

    async def _keep(self, container: "_Container", *, task_status: TaskStatus[None]) -> None:
        self._containers[container.spec.id] = container
        try:
            with container.scope:
                await container.keep(task_status)
        finally:
            del self._containers[container.spec.id]
            container.ended.set()


class _Container:
    def __init__(self, spec: ContainerSpec, logs: AppLogs, grace_seconds: float) -> None:
        self.spec = spec
        self.scope = anyio.CancelScope()
        self.ended = anyio.Event()
        self._logs = logs
        self._grace_seconds = grace_seconds
        self._process: Process | None = None
        self._started_at = datetime.now(UTC)
        self._restarts = 0

    def state(self) -> ContainerState:
        return ContainerState(
            id=self.spec.id,
            type=self.spec.type,
            index=self.spec.index,
            state=self._word(),
            pid=self._process.pid if self._process else None,
            started_at=self._started_at,
            restarts=self._restarts,
        )

    def _word(self) -> Literal["starting", "running", "crashed", "stopped"]:
        if self.scope.cancel_called:
            return "stopped"
        if self._process is None:
            return "crashed"
        return "starting" if self._age() < _STARTING else "running"

    def _age(self) -> float:
        return (datetime.now(UTC) - self._started_at).total_seconds()

    async def keep(self, task_status: TaskStatus[None]) -> None:
        """Run the command for ever, however often it ends."""
        await self._spawn()
        task_status.started()
        delay = _FIRST_DELAY
        while True:
            code = await self._run()
            delay = _FIRST_DELAY if self._age() > _STEADY else delay
            self._write(f"ended with code {code}; starting again in {delay:g} s")
            await anyio.sleep(delay)
            delay = min(2 * delay, _LONGEST_DELAY)
            await self._spawn()
            self._restarts += 1

    async def _spawn(self) -> None:
        port = {} if self.spec.port is None else {"PORT": str(self.spec.port)}
        self._process = await anyio.open_process(
            [sys.executable, "-I", "-S", _INIT, str(os.getpid()), str(self.spec.cwd), self.spec.command],
            env={**self.spec.env, **port},
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            start_new_session=True,
        )
        self._started_at = datetime.now(UTC)

    async def _run(self) -> int:
        """Return the process's exit code; when cancelled, end it. Either way nothing of it is left."""
        assert self._process
        process, reading = self._process, anyio.CancelScope(shield=True)
        async with process, anyio.create_task_group() as group:
            group.start_soon(self._copy_output, process, reading)
            try:
                await process.wait()
            finally:
                await self._end(process)
                self._process = None
                reading.deadline = anyio.current_time() + _DRAIN
        return await process.wait()

    async def _end(self, process: Process) -> None:
        with anyio.CancelScope(shield=True):
            if process.returncode is None:
                _signal(process, signal.SIGTERM)
                with anyio.move_on_after(self._grace_seconds):
                    await process.wait()
            _signal(process, signal.SIGKILL)
            await process.wait()

    async def _copy_output(self, process: Process, reading: anyio.CancelScope) -> None:
        assert process.stdout
        with reading:
            async for line in _lines(process.stdout):
                self._write(line)

    def _write(self, text: str) -> None:
        try:
            self._logs.write(self.spec.app_id, f"{self.spec.type}-{self.spec.index}", text)
        except OSError as error:  # a full disk must not stop the app
            log.warning(
                "app log not written", action="write_app_log", app=self.spec.app_id, error=error.strerror
            )


async def _lines(stream: ByteReceiveStream) -> AsyncIterator[str]:
    """Split what a program prints into lines, and an endless line into pieces."""
    rest = b""
    async for chunk in stream:
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LONGEST_LINE:
            whole, rest = [*whole, rest], b""
        for line in whole:
            yield line.decode(errors="replace").rstrip("\r")
    if rest:
        yield rest.decode(errors="replace")


def _signal(process: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # everything in the group has ended
        os.killpg(process.pid, number)
