# ruff: noqa: INP001 - an app of its own, not a part of a package
"""A small web app with databases: it says where it runs, counts measurements and sessions, and adds some."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

SCHEMA = Path(__file__).with_name("schema.sql").read_text()
ADD = "INSERT INTO measurements (sensor, value) VALUES ('by hand', $1) RETURNING id"
# Hashes of all rows, added up: independent of the order in which the rows are read.
SUM_UP = """
SELECT count(*) AS rows, coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0)::text AS sum
  FROM (SELECT md5(concat_ws('|', id, sensor, value, taken_at, note)) AS hash FROM measurements) AS hashes
"""


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Hold connections to the database while serving, if there is one."""
    url = os.environ.get("DATABASE_URL")
    if url is None:
        app.state.database = None
        yield
        return
    async with asyncpg.create_pool(url, min_size=1, max_size=4, server_settings={"timezone": "UTC"}) as pool:
        await pool.execute(SCHEMA)
        app.state.database = pool
        yield


async def home(request: Request) -> JSONResponse:
    """Say hello, after a look whether the database answers."""
    database = request.app.state.database
    if database:
        await database.fetchval("SELECT 1")
    where = os.environ.get("REGION_NAME")
    return JSONResponse({"hello": "world", "region": where, "database": database is not None})


async def rows(request: Request) -> JSONResponse:
    """Say how many measurements there are, and a checksum of them."""
    found = await request.app.state.database.fetchrow(SUM_UP)
    return JSONResponse({"rows": found["rows"], "checksum": f"{int(found['sum']) % 2**64:016x}"})


async def add_row(request: Request) -> JSONResponse:
    """Add a measurement."""
    added = await request.app.state.database.fetchval(ADD, 1.0)
    return JSONResponse({"id": added}, status_code=201)


async def sessions(_request: Request) -> JSONResponse:
    """Say how many sessions there are, and a sum of what they hold; none without a Redis."""
    url = os.environ.get("REDIS_URL")
    if url is None:
        return JSONResponse({"sessions": 0, "sum": 0})
    async with Redis.from_url(url) as redis:
        keys = [key async for key in redis.scan_iter("session:*")]
        values = await redis.mget(keys) if keys else []
    return JSONResponse({"sessions": len(keys), "sum": sum(int(value) for value in values if value)})


app = Starlette(
    routes=[
        Route("/", home),
        Route("/rows", rows),
        Route("/rows", add_row, methods=["POST"]),
        Route("/sessions", sessions),
    ],
    lifespan=lifespan,
)
