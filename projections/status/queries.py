"""Questions to the status read model."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import asyncpg

from events.status import Status
from projections.status.model import MigrationStatus, Timing
from projections.status.rows import statuses
from projections.status.statements import statement

TIMINGS = 50  # as many of each name, about: the latest tell most


class OwnApp(NamedTuple):
    """An app of somebody who may see its migrations. Names are given again; ids are for ever."""

    region: str
    id: str
    name: str


@dataclass(frozen=True)
class Filter:
    """Which migrations to find: those that all of it applies to; what is empty, or None, applies to all.

    `text` is part of an app's name, or what a migration's id begins with; `region` is either end. With
    `apps`, only migrations from or to one of these apps are found, and those that `started_by` has opened.
    """

    text: str = ""
    region: str = ""
    statuses: Collection[Status] = ()
    apps: Collection[OwnApp] | None = None
    started_by: str = ""


@dataclass(frozen=True)
class Page:
    """Some of the migrations that were found, newest first, and how many there are in all."""

    migrations: list[MigrationStatus]
    total_count: int


async def migration(connection: asyncpg.Connection, migration_id: UUID) -> MigrationStatus | None:
    """Return one migration, or None if there is none with this id."""
    return (await with_ids(connection, [migration_id])).get(migration_id)


async def with_ids(connection: asyncpg.Connection, ids: Collection[UUID]) -> dict[UUID, MigrationStatus]:
    """Return the migrations that have these ids, by their ids."""
    rows = await connection.fetch(statement("select_migrations"), list(ids))
    return {status.id: status for status in await _with_tasks(connection, rows)}


async def migrations(connection: asyncpg.Connection, region: str, app: str) -> list[MigrationStatus]:
    """Return the migrations of a source app, newest first."""
    return await _with_tasks(
        connection, await connection.fetch(statement("select_migrations_of_app"), region, app)
    )


async def search(connection: asyncpg.Connection, wanted: Filter, page: int, per_page: int) -> Page:
    """Return a page of the migrations that are wanted, newest first; the first page is 1."""
    row = await connection.fetchrow(statement("search"), *_arguments(wanted), per_page, (page - 1) * per_page)
    assert row is not None
    found = await with_ids(connection, row["ids"])
    return Page([found[migration_id] for migration_id in row["ids"]], row["total_count"])


async def timings(
    connection: asyncpg.Connection, names: Collection[str], source: str, destination: str
) -> list[Timing]:
    """Return how long tasks of these names took between two regions; for a name without any, others."""
    here = await _timings(connection, names, source, destination)
    elsewhere = set(names) - {timing.name for timing in here}
    return here + (await _timings(connection, elsewhere, None, None) if elsewhere else [])


def _arguments(wanted: Filter) -> tuple[object, ...]:
    """Return the parameters of a search; None for each that applies to all."""
    return (
        wanted.text.strip().lower() or None,
        wanted.region or None,
        list(wanted.statuses) or None,
        None if wanted.apps is None else wanted.started_by,
        *(([*column] for column in zip(*wanted.apps, strict=True)) if wanted.apps else ([], [], [])),
    )


async def _timings(
    connection: asyncpg.Connection, names: Collection[str], source: str | None, destination: str | None
) -> list[Timing]:
    rows = await connection.fetch(
        statement("select_timings"), list(names), source, destination, TIMINGS * len(names)
    )
    return [Timing(**row) for row in rows]


async def _with_tasks(
    connection: asyncpg.Connection, rows: Sequence[asyncpg.Record]
) -> list[MigrationStatus]:
    return statuses(rows, await connection.fetch(statement("select_tasks"), [row["id"] for row in rows]))
