"""Searching the log: by app, region, actor, type, time and text, in either direction, in flat memory."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, Literal, Protocol, Self
from uuid import UUID

import asyncpg

from events.store.archive.reader import Archive
from events.store.chain import Row
from events.store.database import session
from events.store.errors import translated
from events.store.records import RecordedEvent
from events.store.statements import statement
from events.vocabulary import migration_stream

Order = Literal["newest", "oldest"]
BATCH = 1000  # events in memory at a time
_SKIPPED = 20_000  # positions in memory at a time
_END = 2**63 - 1  # beyond every position

_MATCHING = statement("matching_events")
_ORDERED = {"oldest": "ORDER BY position LIMIT $10", "newest": "ORDER BY position DESC LIMIT $10"}


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; None stands for everything.

    `app` and `region` are those of either end of a migration, `actor` is a publisher or an end user, `text`
    is part of an event's data, in upper or lower case. `since` is included, `until` is not.
    """

    app: str | None = None
    region: str | None = None
    actor: str | None = None
    type: str | None = None
    migration: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    order: Order = "oldest"


class Source(Protocol):
    """Where events are: the log's table, or archives of what was in it."""

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Any]:
        """Run a statement on what it knows as `events`; raises LogUnavailableError."""


class Table:
    """The log's own table."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool's connections; their login must be able to read the events."""
        self._pool = pool

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Any]:
        """Run a statement, planned for these very arguments: most of them stand for everything."""
        with translated():
            async with session(self._pool) as connection, connection.transaction(readonly=True):
                await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
                rows: Sequence[Any] = await connection.fetch(sql, *arguments)
        return rows


class Archived:
    """What has left the log's table; to be searched after that: what is just leaving it may be in both."""

    def __init__(self, pool: asyncpg.Pool, folder: Path | None) -> None:
        """Search the files of a folder; the pool's login must be able to read which ones."""
        self._pool = pool
        self._archive = Archive(folder)

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Any]:
        """Run a statement; raises ArchiveAwayError, too."""
        with translated():
            async with session(self._pool) as connection:
                return await self._archive.query(connection, sql, *arguments)


def sources(pool: asyncpg.Pool, archives: Path | None) -> Sequence[Source]:
    """Return where all events of a log are; `archives` is the folder of what was archived."""
    return Table(pool), Archived(pool, archives)


class Search:
    """The events that match a query, in its order. Every method raises LogUnavailableError."""

    def __init__(self, sources: Sequence[Source], query: Query) -> None:
        """Search the sources together."""
        self._sources = sources
        self._query = query

    async def count(self) -> int:
        """Return how many there are."""
        condition = await self._condition()
        counts = await self._ask(_of_matching("SELECT count(*)"), *condition.arguments)
        return sum(row[0] for row in counts)

    async def page(self, skipped: int, size: int) -> list[RecordedEvent]:
        """Return at most `size` events after the first `skipped`."""
        condition = await self._condition()
        while skipped:
            rows = await self._next("SELECT position", condition, min(skipped, _SKIPPED))
            if not rows:
                return []
            skipped -= len(rows)
            condition = condition.beyond(rows[-1][0], self._query.order)
        return _recorded(await self._next("SELECT *", condition, size))

    async def batches(self) -> AsyncIterator[list[RecordedEvent]]:
        """Yield all of them; while the caller works on some, no connection is held."""
        condition = await self._condition()
        while rows := await self._next("SELECT *", condition, BATCH):
            yield _recorded(rows)
            condition = condition.beyond(rows[-1][0], self._query.order)

    async def _condition(self) -> "_Condition":
        query = self._query
        return _Condition(
            after=0 if query.since is None else await self._position_at(query.since) - 1,
            before=_END if query.until is None else await self._position_at(query.until),
            type=query.type,
            actor=query.actor,
            text=None if query.text is None else _pattern(query.text),
            migrations=await self._migrations(),
            # Of refused commands, those that named the app; one migration has none beside its own.
            app=query.app if query.migration is None else None,
            region=query.region if query.migration is None else None,
        )

    async def _position_at(self, time: datetime) -> int:
        """Return the position of the first event at that time or later."""
        return min((row[0] for row in await self._ask(statement("select_position_at"), time)), default=_END)

    async def _migrations(self) -> list[str] | None:
        """Return which migrations it is about, None if that does not matter."""
        query = self._query
        wanted = None if query.migration is None else [str(query.migration)]
        if query.app is None and query.region is None:
            return wanted
        rows = await self._ask(statement("select_migrations_of"), query.app, query.region)
        return [row[0] for row in rows if wanted is None or row[0] in wanted]

    async def _next(self, select: str, condition: "_Condition", limit: int) -> list[Sequence[Any]]:
        # Each source gives as many, so the first of them all together are the right ones.
        order = self._query.order
        rows = await self._ask(_of_matching(select, _ORDERED[order]), *condition.arguments, limit)
        known = {row[0]: row for row in rows}
        return [known[position] for position in sorted(known, reverse=order == "newest")][:limit]

    async def _ask(self, sql: str, *arguments: object) -> list[Sequence[Any]]:
        return list(chain.from_iterable([await each.fetch(sql, *arguments) for each in self._sources]))


@dataclass(frozen=True, slots=True)
class _Condition:
    """A query in terms of the table's columns: the arguments of matching_events.sql."""

    after: int
    before: int
    type: str | None
    actor: str | None
    text: str | None
    migrations: list[str] | None
    app: str | None
    region: str | None

    @property
    def arguments(self) -> tuple[object, ...]:
        streams = self.migrations and [migration_stream(UUID(each)) for each in self.migrations]
        return (
            *(self.after, self.before, self.type, self.actor, self.text),
            *(self.migrations, streams, self.app, self.region),
        )

    def beyond(self, position: int, order: Order) -> Self:
        """Return the condition for what comes next in this order."""
        return replace(self, after=position) if order == "oldest" else replace(self, before=position)


def _of_matching(select: str, order: str = "") -> str:
    return f"{select} FROM ({_MATCHING}) AS matching {order}"


def _pattern(text: str) -> str:
    """Return what LIKE finds the text with, as it stands in JSON."""
    escaped = json.dumps(text, ensure_ascii=False)[1:-1]
    for special in ("\\", "%", "_"):
        escaped = escaped.replace(special, f"\\{special}")
    return f"%{escaped}%"


def _recorded(rows: Sequence[Sequence[Any]]) -> list[RecordedEvent]:
    return [RecordedEvent.of(Row(*row)) for row in rows]
