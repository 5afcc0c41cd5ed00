"""Replay is equality: the whole log into fresh tables, compared with the live ones row by row."""

import asyncpg

from events.store.subscriptions import advance
from projections.upkeep import builds
from projections.upkeep.filling import Next
from projections.upkeep.projection import Projection


async def differences(connection: asyncpg.Connection, projection: Projection) -> list[str]:
    """Return the rows that a replay gives and the live tables lack, and the other way round.

    The log must be at rest, and the live tables up to it. The replay is dropped again with the connection's
    transaction: nothing of it stays.
    """
    transaction = connection.transaction(isolation="read_committed")
    await transaction.start()
    try:
        replay = Next(projection, await builds.begin(connection, projection))
        while await advance(connection, replay, 1000):
            pass
        schema = replay.schema
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", schema)
        assert tables
        found: list[str] = []
        for (table,) in tables:
            live, fresh = f"TABLE projections.{table}", f"TABLE {schema}.{table}"
            either = f"(({live} EXCEPT {fresh}) UNION ALL ({fresh} EXCEPT {live}))"
            rows = await connection.fetch(f"SELECT r::text FROM {either} AS r ORDER BY 1 LIMIT 10")  # noqa: S608
            found += [f"{table}: {row['r']}" for row in rows]
        return found
    finally:
        await transaction.rollback()
