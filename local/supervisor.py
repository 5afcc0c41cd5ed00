"""Keep programs running: each starts after those it waits for, comes back when it dies, ends before them."""

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio

from local.errors import LocalError
from local.programs import Program

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0  # seconds before a program that ended is started again
_STEADY = 10.0  # seconds of life after which the pause is the first one again


@dataclass
class Unit:
    """A program with its name, and the names of those that must be ready before it starts."""

    name: str
    program: Program
    waits_for: Sequence[str] = ()
    starts: int = field(default=0, init=False)  # how often it became ready
    stopped: anyio.Event = field(default_factory=anyio.Event, init=False)
    _next_start: anyio.Event = field(default_factory=anyio.Event, init=False)

    async def start(self) -> None:
        """Start the program; raises LocalError."""
        await self.program.start()
        self.starts += 1
        self._next_start.set()
        self._next_start = anyio.Event()

    async def until_started(self, times: int) -> None:
        """Return when it has become ready that many times."""
        while self.starts < times:
            await self._next_start.wait()


class Supervisor:
    """Keeps units running while a block lasts."""

    def __init__(
        self, units: Sequence[Unit], *, on_restart: Callable[[], None], tell: Callable[[str], None]
    ) -> None:
        """`on_restart` is called when a program is ready again, `tell` with what a person may care for."""
        self._units = {unit.name: unit for unit in units}
        self._on_restart = on_restart
        self._tell = tell
        self._started: list[Unit] = []

    def unit(self, name: str) -> Unit:
        """Return a unit by its name."""
        return self._units[name]

    def pids(self) -> dict[str, list[int]]:
        """Return the process ids of every program that is a process."""
        return {name: [pid] for name, unit in self._units.items() if (pid := unit.program.pid)}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Enter when all are ready, leave when all have stopped; raises LocalError if one does not start."""
        try:
            await self._start_all()
            async with _meanwhile(self._keep_all):
                yield
        finally:
            await self._stop_all()

    async def _start_all(self) -> None:
        try:
            async with anyio.create_task_group() as group:
                for unit in self._units.values():
                    group.start_soon(self._start_in_turn, unit)
        except ExceptionGroup as failures:
            raise _first(failures) from None

    async def _start_in_turn(self, unit: Unit) -> None:
        for name in unit.waits_for:
            await self._units[name].until_started(1)
        self._started.append(unit)
        await unit.start()

    async def _stop_all(self) -> None:
        with anyio.CancelScope(shield=True):
            async with anyio.create_task_group() as group:
                for unit in self._started:
                    group.start_soon(self._stop_in_turn, unit)

    async def _stop_in_turn(self, unit: Unit) -> None:
        for other in self._started:
            if unit.name in other.waits_for:
                await other.stopped.wait()
        await unit.program.stop()
        unit.stopped.set()

    async def _keep_all(self) -> None:
        async with anyio.create_task_group() as group:
            for unit in self._started:
                group.start_soon(self._keep, unit)

    async def _keep(self, unit: Unit) -> None:
        pause = _FIRST_PAUSE
        while True:
            ready_at = anyio.current_time()
            await unit.program.wait()
            if anyio.current_time() - ready_at > _STEADY:
                pause = _FIRST_PAUSE
            pause = await self._bring_back(unit, pause)

    async def _bring_back(self, unit: Unit, pause: float) -> float:
        """Return the pause for the next time."""
        back = unit.starts + 1
        while unit.starts < back:
            self._tell(f"{unit.name} ended; starting it again in {pause:.1f} s")
            await anyio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
            try:
                await unit.start()
            except LocalError as error:
                self._tell(str(error))
        self._on_restart()
        return pause


@asynccontextmanager
async def _meanwhile(work: Callable[[], Coroutine[None, None, None]]) -> AsyncIterator[None]:
    """Do work in the background of a block, whose own errors come out as they are, and not in a group."""
    failure: Exception | None = None
    async with anyio.create_task_group() as group:
        group.start_soon(work)
        try:
            yield
        except Exception as error:  # noqa: BLE001 - raised below
            failure = error
        group.cancel_scope.cancel()
    if failure:
        raise failure


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
