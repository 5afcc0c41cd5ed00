"""What a read model says of itself."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg

from events.store import RecordedEvent

Handler = Callable[[asyncpg.Connection, Sequence[RecordedEvent]], Awaitable[None]]


@dataclass(frozen=True)
class Projection:
    """A read model that is kept in tables.

    `name`, of lower-case letters, digits and underscores, is what its tables' names begin with, and the name
    of its subscription. `tables` is the SQL that creates them. `handle` takes the next events of the log, in
    order, and writes to these tables only, by their names alone: each build has a schema of its own.
    `version` grows by one whenever the rows of before would not be what a replay gives now.
    """

    name: str
    version: int
    tables: str
    handle: Handler
