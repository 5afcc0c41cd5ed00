"""The subscribers that fill a projection's tables; they tell a fault from a failure that passes."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import asyncpg

from events.store import RecordedEvent
from events.store.subscriptions import FaultError
from projections.upkeep.builds import schema_of, subscription_of
from projections.upkeep.projection import Projection
from projections.upkeep.statements import statement

# What the database may refuse now and do later, by the class of its SQLSTATE: lost connections, serialisation
# failures, missing resources, locks, operators who intervene, failures of the system.
_PASSING = frozenset({"08", "40", "53", "55", "57", "58"})


class OtherVersionError(Exception):
    """The live rows are another version's: a newer release has taken over, or its rebuild is under way."""


class _Filling(ABC):
    def __init__(self, projection: Projection, name: str) -> None:
        self.name = name
        self._projection = projection

    async def handle(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        """Have the projection write its rows; raises FaultError for the first event it cannot handle."""
        await self._enter(connection)
        try:
            await self._apply(connection, events)
        except Exception as error:
            if _passes(error):
                raise
            await self._apply_singly(connection, events)

    @abstractmethod
    async def _enter(self, connection: asyncpg.Connection) -> None:
        """Let the names of tables mean the build's until the transaction ends."""

    async def _apply(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        async with connection.transaction():
            await self._projection.handle(connection, events)

    async def _apply_singly(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:
        for before, event in enumerate(events):
            try:
                await self._apply(connection, [event])
            except Exception as error:
                if _passes(error):
                    raise
                raise FaultError(self.name, event, before, type(error).__name__) from error


class Live(_Filling):
    """Fills the live build."""

    def __init__(self, projection: Projection) -> None:
        super().__init__(projection, projection.name)

    async def _enter(self, connection: asyncpg.Connection) -> None:
        row = await connection.fetchrow(statement("enter_live"), self.name)
        if row is None or row["version"] != self._projection.version:
            raise OtherVersionError


class Next(_Filling):
    """Fills a build beside the live one."""

    def __init__(self, projection: Projection, build: int) -> None:
        super().__init__(projection, subscription_of(projection.name, build))
        self.schema = schema_of(projection.name, build)

    async def _enter(self, connection: asyncpg.Connection) -> None:
        await connection.execute(statement("enter_build"), self.schema)


def _passes(error: Exception) -> bool:
    """Whether the same events may well be handled later."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "")[:2] in _PASSING
    return isinstance(error, OSError | TimeoutError | asyncpg.InterfaceError | asyncpg.InternalClientError)
