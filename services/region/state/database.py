"""The region's own database, `region` unless its URL names another: made, upgraded, connected to."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import TypeAlias
from urllib.parse import urlsplit

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from services.region.machinery.postgres_fingerprints import quoted

# How a server that is away, or going, shows itself. InternalClientError: its last message has arrived, and
# the end of its connection not yet.
UNREACHABLE = (
    ConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresConnectionError,
)
DEFAULT = "region"
MAINTENANCE = "postgres"
POOL_SIZE = 20

# Written as text: asyncpg's own classes take no type arguments at run time.
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
Executor: TypeAlias = "Connection | Pool"


@asynccontextmanager
async def connect(server_url: str) -> AsyncIterator[Pool]:
    """Yield a pool of connections to the database, made and brought up to date first."""
    url = urlsplit(server_url)
    named = url.path.strip("/")
    name = DEFAULT if named in {"", MAINTENANCE} else named
    await _create(url._replace(path=f"/{MAINTENANCE}").geturl(), name, named or MAINTENANCE)
    own = url._replace(path=f"/{name}").geturl()
    async with asyncpg.create_pool(own, min_size=1, max_size=POOL_SIZE, init=_prepare) as pool:
        await _upgrade(pool)
        yield pool


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Connection]:
    """Yield a connection in a transaction of its own."""
    async with pool.acquire() as connection, connection.transaction():
        yield connection


async def _create(server_url: str, name: str, entrance: str) -> None:
    connection = await asyncpg.connect(server_url)
    try:
        if not await connection.fetchval("select true from pg_database where datname = $1", name):
            await connection.execute(f"create database {quoted(name)}")
        # Else each addon's role could connect there, and hold the locks that our calls wait for.
        for ours in (name, entrance):
            await connection.execute(f"revoke all on database {quoted(ours)} from public")
    finally:
        await connection.close()


async def _prepare(connection: Connection) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)


async def _upgrade(pool: Pool) -> None:
    async with transaction(pool) as connection:
        await connection.execute("create table if not exists schema_files (name text primary key)")
        done = {row["name"] for row in await connection.fetch("select name from schema_files")}
        folder = files(__package__).joinpath("schema")
        for file in sorted(folder.iterdir(), key=lambda each: each.name):
            if file.name not in done:
                await connection.execute(file.read_text())
                await connection.execute("insert into schema_files values ($1)", file.name)
