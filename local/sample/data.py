"""Data for the sample app's databases: as much as is asked for, and always the same."""

from pathlib import Path

import asyncpg
from redis.asyncio import Redis

_SCHEMA = (Path(__file__).parent / "app" / "schema.sql").read_text()
_FILL = Path(__file__).with_name("fill.sql").read_text()


async def fill(url: str, megabytes: int) -> None:
    """Fill the PostgreSQL database, inside the server, with about so many megabytes; some seconds for 100."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute(_SCHEMA)
            await connection.execute("SELECT set_config('sample.megabytes', $1, true)", str(megabytes))
            await connection.execute(_FILL)
    finally:
        await connection.close()


async def begin_sessions(url: str, sessions: int) -> None:
    """Put so many sessions into the Redis database."""
    async with Redis.from_url(url) as redis:
        await redis.mset({f"session:{number}": number * 7919 % 100_003 for number in range(sessions)})
