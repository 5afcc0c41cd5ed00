"""Runs operations: bounded in number, one at a time in each lane, again after the process was killed."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import anyio
import asyncpg
from anyio.abc import TaskGroup

from services.region.failures import report
from services.region.machinery.files import is_disk_full
from services.region.machinery.progress import Progress
from services.region.operations.work import Kind, OperationEndedError, OperationFailedError, Work
from services.region.region import Region
from services.region.state import operations
from services.region.state.database import UNREACHABLE
from services.region.state.operations import Operation

AT_ONCE = 16
LOOK_AGAIN = 1.0  # seconds


@dataclass
class _Running:
    work: Work
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    ended: anyio.Event = field(default_factory=anyio.Event)


class Engine:
    """The one that runs the region's operations."""

    def __init__(self, region: Region, kinds: Mapping[str, Kind]) -> None:
        """Say what each type of operation does."""
        self._region = region
        self._kinds = kinds
        self._running: dict[str, _Running] = {}
        self._woken = anyio.Event()
        self._claiming = anyio.Lock()
        self._slots = anyio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Run what is pending until cancelled, also what an earlier process has left unfinished."""
        await operations.fence(self._region.pool)
        async with anyio.create_task_group() as group:
            while True:
                self._woken = anyio.Event()
                with suppress(*UNREACHABLE):
                    await operations.requeue(self._region.pool, self._running)
                    while await self._start_one(group):
                        pass
                with anyio.move_on_after(LOOK_AGAIN):
                    await self._woken.wait()

    def progress(self, operation_id: str) -> Progress | None:
        """Return how far an operation is; None when it does not run."""
        running = self._running.get(operation_id)
        return running.work.progress if running else None

    def wake(self) -> None:
        """Say that there may be something to do."""
        self._woken.set()

    async def cancel(self, chosen: Callable[[Operation], bool]) -> None:
        """Cancel the running operations that are chosen, and return when they have ended.

        Their rows are the caller's: one that still says `running` keeps its lane closed.
        """
        async with self._claiming:
            victims = [running for running in self._running.values() if chosen(running.work.operation)]
            for running in victims:
                running.scope.cancel()
        for running in victims:
            await running.ended.wait()

    async def _start_one(self, group: TaskGroup) -> bool:
        await self._slots.acquire()
        operation = None
        try:
            # What is claimed is in _running before anyone who cancels can look.
            async with self._claiming:
                operation = await operations.claim(self._region.pool)
                if operation:
                    running = self._running[operation.id] = _Running(Work(self._region, operation))
                    group.start_soon(self._execute, running)
        finally:
            if not operation:
                self._slots.release()
        return operation is not None

    async def _execute(self, running: _Running) -> None:
        operation = running.work.operation
        try:
            with running.scope:
                while not await self._attempt(running.work):
                    await anyio.sleep(LOOK_AGAIN)
                    running.work = Work(self._region, operation)
            if running.scope.cancelled_caught:
                await self._settle(operation)
        finally:
            del self._running[operation.id]
            running.ended.set()
            self._slots.release()
            self.wake()

    async def _attempt(self, work: Work) -> bool:
        """Run the operation; returns False if it is to run again: its end could not be written."""
        try:
            await self._run_to_its_end(work)
        except (*UNREACHABLE, asyncpg.DiskFullError) as error:
            self._report(work.operation, error)
            return False
        return True

    async def _run_to_its_end(self, work: Work) -> None:
        try:
            await self._kinds[work.operation.type].run(work)
        except UNREACHABLE:
            raise
        except OperationEndedError:
            await self._settle(work.operation)
        except OperationFailedError as error:
            await self._fail(work, error.code, str(error))
        except Exception as error:  # noqa: BLE001 - no operation may end the engine
            self._report(work.operation, error)
            await self._fail(work, *_explained(error))

    async def _fail(self, work: Work, code: str, text: str) -> None:
        await self._settle(work.operation)
        try:
            async with work.transaction() as connection:
                await self._kinds[work.operation.type].failed(connection, work.operation, code)
                await operations.fail(connection, work.operation.id, code, text)
        except OperationEndedError:
            return

    async def _settle(self, operation: Operation) -> None:
        """Undo what an operation in the app's own lane has done to its containers."""
        if operation.lane != operation.app_id:
            return
        try:
            await self._region.settle(operation.app_id)
        except Exception as error:  # noqa: BLE001 - a settled app is worth a log line, not the engine
            self._report(operation, error)

    def _report(self, operation: Operation, error: Exception) -> None:
        report(operation.type, error, operation=operation.id)


def _explained(error: Exception) -> tuple[str, str]:
    """Return the code and the sentence for an error that no operation has foreseen."""
    if isinstance(error, asyncpg.DiskFullError) or is_disk_full(error):
        return "disk_full", "the region's disk is full; its operator has to make room"
    return "internal_error", "the region failed; its operator finds more in its log"
