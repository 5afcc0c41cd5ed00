"""Data for the sample app's database: as much as is asked for, always the same, made inside the server."""

from pathlib import Path

import asyncpg

_SCHEMA = (Path(__file__).parent / "app" / "schema.sql").read_text()
_FILL = Path(__file__).with_name("fill.sql").read_text()


async def fill(url: str, megabytes: int) -> None:
    """Fill the database with about so many megabytes; some seconds for a hundred."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute(_SCHEMA)
            await connection.execute("SELECT set_config('sample.megabytes', $1, true)", str(megabytes))
            await connection.execute(_FILL)
    finally:
        await connection.close()
