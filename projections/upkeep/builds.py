"""The builds of a projection: one is live, the next is filled beside it and takes its place.

Each has its tables in a schema of its own. The next one has a subscription of its own too, which becomes the
projection's when it goes live; so whoever waits for a position of the projection need not know of builds.
"""

from typing import NamedTuple

import asyncpg

from projections.upkeep.projection import Projection
from projections.upkeep.statements import statement


class Installed(NamedTuple):
    """What a database has of a projection: the live build, and the version that is building the next one."""

    name: str
    version: int
    build: int
    building: int | None


class ProjectionError(Exception):
    """A projection is not what it has to be, or not in this database; the text says what to do."""


def schema_of(name: str, build: int) -> str:
    """Return the schema of a build's tables."""
    return f"projections_{name}_{build}"


def subscription_of(name: str, build: int) -> str:
    """Return the subscription of a build that is not live yet."""
    return f"{name}/{build}"


async def installed(connection: asyncpg.Connection, name: str) -> Installed:
    """Return what there is of a projection; raises ProjectionError when there is nothing."""
    row = await connection.fetchrow(statement("read_installed"), name)
    if row is None:
        raise ProjectionError(f"{name} is not installed yet: the projector does that when it starts.")
    return Installed(*row)


async def install(connection: asyncpg.Connection, projection: Projection) -> Installed:
    """Create the first build of a projection, live and empty, if there is none; return what there is."""
    async with connection.transaction():
        await connection.execute(statement("become_owner"))
        if await connection.fetchval(statement("insert_installed"), projection.name, projection.version):
            await _create(connection, projection, 1)
            await _publish(connection, projection.name, 1)
    return await installed(connection, projection.name)


async def begin(connection: asyncpg.Connection, projection: Projection) -> int:
    """Create the next build, empty, and return its number; one that this version has begun stays as it is.

    Raises ProjectionError when the projection is not installed.
    """
    async with connection.transaction():
        await connection.execute(statement("become_owner"))
        await connection.execute(statement("lock_installed"), projection.name)
        now = await installed(connection, projection.name)
        build = now.build + 1
        if now.building != projection.version:
            if now.building is not None:  # another version's, which nobody will finish
                await _drop(connection, projection.name, build)
            await _create(connection, projection, build)
            await connection.execute(statement("begin_building"), projection.name, projection.version)
    return build


async def stand_still(connection: asyncpg.Connection, name: str) -> None:
    """Hold the live build where it is until the transaction ends; raises LockNotAvailableError."""
    await connection.execute(statement("wait_briefly"))
    await connection.execute(statement("lock_installed"), name)


async def go_live(connection: asyncpg.Connection, name: str, build: int) -> None:
    """Put a build that is filled in the live one's place, in the caller's transaction; drop the old one.

    Raises LockNotAvailableError while a reader takes long.
    """
    await connection.execute(statement("become_owner"))
    await _publish(connection, name, build)
    await _drop(connection, name, build - 1)
    await connection.execute(statement("drop_checkpoint"), name)
    await connection.execute(statement("rename_checkpoint"), subscription_of(name, build), name)
    await connection.execute(statement("end_building"), name)
    await connection.execute(statement("clear_faults"), name)


async def _create(connection: asyncpg.Connection, projection: Projection, build: int) -> None:
    schema = schema_of(projection.name, build)
    await connection.execute(statement("create_build"), projection.name, build)
    await connection.execute(statement("enter_build"), schema)
    await connection.execute(projection.tables)
    foreign = await connection.fetch(statement("foreign_tables"), schema, projection.name)
    if foreign:
        names = ", ".join(row["tablename"] for row in foreign)
        raise ProjectionError(f"the names of {projection.name}'s tables must begin with it: rename {names}")


async def _publish(connection: asyncpg.Connection, name: str, build: int) -> None:
    for (command,) in await connection.fetch(statement("views_of_build"), schema_of(name, build)):
        await connection.execute(command)


async def _drop(connection: asyncpg.Connection, name: str, build: int) -> None:
    await connection.execute(f"DROP SCHEMA {schema_of(name, build)} CASCADE")
    await connection.execute(statement("drop_checkpoint"), subscription_of(name, build))
