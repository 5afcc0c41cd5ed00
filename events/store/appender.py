"""Many concurrent appends, one transaction: while one group is written, the next collects."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import islice
from typing import Self

import anyio

from events.store.appends import Append, Outcome
from events.store.errors import EventIdTakenError, LogError, LogUnavailableError
from events.store.log import Log

LARGEST_GROUP = 200  # commands


class Appender(anyio.AsyncContextManagerMixin):
    """The way to the log for a process that handles many commands at once: `async with Appender(log)`."""

    def __init__(self, log: Log) -> None:
        """Append to this log. One appender for each process is enough, and does best."""
        self._log = log
        self._send, self._receive = anyio.create_memory_object_stream[_Request](LARGEST_GROUP)

    @asynccontextmanager
    async def __asynccontextmanager__(self) -> AsyncGenerator[Self]:
        """Write while the block runs; at its end, first finish what was asked for."""
        async with self._receive, anyio.create_task_group() as tasks, self._send:
            tasks.start_soon(self._write_groups)
            yield self

    async def append(self, one: Append) -> Outcome:
        """Write one command's effect together with those of other callers, and return its outcome.

        Raises EventIdTakenError as Log.append does, and LogUnavailableError when the group's transaction
        failed: then nobody knows whether it was written, and appending again with the same command id is
        safe. A caller that is cancelled stops waiting, but its command may still be written.
        """
        request = _Request(one)
        try:
            await self._send.send(request)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            raise LogUnavailableError("the appender has been closed") from None
        return await request.answer

    async def _write_groups(self) -> None:
        try:
            async for first in self._receive:
                await self._write([first, *islice(self._waiting(), LARGEST_GROUP - 1)])
        finally:
            _fail(self._waiting(), LogUnavailableError("the appender was closed before this was written"))
            self._receive.close()  # at once: who comes now is told, and does not wait for ever

    def _waiting(self) -> Iterator["_Request"]:
        with suppress(anyio.WouldBlock, anyio.EndOfStream):
            while True:
                yield self._receive.receive_nowait()

    async def _write(self, group: list["_Request"]) -> None:
        try:
            outcomes = await self._log.append([request.append for request in group])
        except EventIdTakenError as error:
            await self._write_singly(group, error)
        except LogError as error:
            _fail(group, error)
        except BaseException:
            _fail(group, LogUnavailableError("the appender was closed while this was written"))
            raise
        else:
            for request, outcome in zip(group, outcomes, strict=True):
                request.succeed(outcome)

    async def _write_singly(self, group: list["_Request"], error: EventIdTakenError) -> None:
        # One caller's mistake must not fail the others.
        if len(group) == 1:
            _fail(group, error)
            return
        for request in group:
            await self._write([request])


class _Request:
    """One caller's append, and where it waits for the answer (it may have gone away)."""

    def __init__(self, append: Append) -> None:
        self.append = append
        self.answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    def succeed(self, outcome: Outcome) -> None:
        if not self.answer.done():
            self.answer.set_result(outcome)

    def fail(self, error: LogError) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


def _fail(requests: Iterable[_Request], error: LogError) -> None:
    for request in requests:
        request.fail(error)
