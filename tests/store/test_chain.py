"""The hash is a promise to everybody who noted one: it is computed the same way for ever."""

from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest

from events.store import Log
from events.store.chain import GENESIS, link
from tests.store.samples import fill

COLUMNS = (
    *(1, "migration/é", 2, UUID(int=7), "Happened", 3, '{"a": 1}', "{}"),
    datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
)


def test_a_known_event_keeps_its_hash() -> None:
    assert link(GENESIS, COLUMNS).hex() == "774c159d36f333923282b69801800008733ce7e799b31819f9c2a063a6d60ad7"


def test_moving_a_byte_to_the_next_column_changes_the_hash() -> None:
    assert link(GENESIS, ["ab", "c"]) != link(GENESIS, ["a", "bc"])


@pytest.mark.anyio
async def test_the_database_computes_the_same_hash(pool: asyncpg.Pool, log: Log) -> None:
    """An auditor needs nothing of storky's: this is the whole recipe, in SQL."""
    await fill(log, "é", 2)
    fields = (
        *("position::text", "stream", "version::text", "id::text", "type", "schema_version::text"),
        *("data", "metadata", "(extract(epoch FROM recorded_at) * 1000000)::bigint::text"),
    )
    encoded = " || ".join(
        f"int8send(octet_length({field})) || convert_to({field}, 'UTF8')" for field in fields
    )
    previous = "coalesce(lag(hash) OVER (ORDER BY position), decode(repeat('00', 32), 'hex'))"
    rows = await pool.fetch(f"SELECT hash, sha256({previous} || {encoded}) AS expected FROM events")  # noqa: S608
    assert len(rows) == 2
    assert all(row["hash"] == row["expected"] for row in rows)
