"""What a type of operation is given, and how it ends."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from services.region.machinery.progress import Progress
from services.region.region import Region
from services.region.state import apps, database, operations
from services.region.state.apps import App
from services.region.state.database import Connection
from services.region.state.operations import Operation


class OperationFailedError(Exception):
    """An operation cannot succeed; `code` is a stable word, the text a sentence without any customer data."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class OperationEndedError(Exception):
    """The operation's row says that it runs no more: it was fenced, or its app deleted."""


@dataclass(frozen=True)
class Work:
    """One run of an operation. Each run starts from the beginning, whatever an earlier one has left.

    `progress` is for those who look at the operation meanwhile.
    """

    region: Region
    operation: Operation
    progress: Progress = field(default_factory=Progress)

    @property
    def arguments(self) -> dict[str, Any]:
        """What was asked for."""
        return self.operation.arguments

    async def app(self) -> App:
        """Return the app as it is now; raises OperationEndedError when it is gone."""
        app = await apps.find(self.region.pool, self.operation.app_id)
        if app is None:
            raise OperationEndedError
        return app

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Yield a transaction that can only commit while the operation runs; raises OperationEndedError."""
        async with database.transaction(self.region.pool) as connection:
            if not await operations.lock_running(connection, self.operation.id):
                raise OperationEndedError
            yield connection

    @asynccontextmanager
    async def success(self, result: dict[str, Any] | None = None) -> AsyncIterator[Connection]:
        """Yield the transaction in which the operation ends well; its effect on the state belongs there."""
        async with self.transaction() as connection:
            yield connection
            await operations.succeed(connection, self.operation.id, result or {})


Run = Callable[[Work], Awaitable[None]]
Failed = Callable[[Connection, Operation, str], Awaitable[None]]


async def nothing_more(_connection: Connection, _operation: Operation, _code: str) -> None:
    """Leave the state as it is when an operation fails."""


@dataclass(frozen=True)
class Kind:
    """A type of operation: what it does, and what its failure writes besides."""

    run: Run
    failed: Failed = nothing_more
