"""The hot statements use their indexes, however large the log is."""

import json
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from events.store.statements import statement

pytestmark = pytest.mark.anyio

FILL = """
    INSERT INTO events
    SELECT n, 'stream/' || n % 500, 1 + n / 500, gen_random_uuid(), 'T', 1, '{}', '{}', now(), sha256('')
    FROM generate_series(1, 20000) AS n;
    ANALYZE events
"""


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_hot_statements_walk_an_index(pool: asyncpg.Pool, mode: str) -> None:
    async with pool.acquire() as connection:
        await connection.execute(FILL)
        await connection.execute(f"SET plan_cache_mode = {mode}")
        for name, arguments, index, avoided in (
            ("read_all", (15000, 500), "events_position_key", {"Seq Scan", "Sort"}),
            # The few events of one stream may well be sorted.
            ("read_stream", ("stream/7", 0), "events_stream_version_key", {"Seq Scan"}),
            ("read_versions", (["stream/7"],), "events_stream_version_key", {"Seq Scan", "Sort"}),
            ("read_head", (), "events_position_key", {"Seq Scan", "Sort"}),
        ):
            plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement(name)}", *arguments)
            nodes = list(flatten(json.loads(plan)[0]["Plan"]))
            assert index in {node.get("Index Name") for node in nodes}, name
            assert not avoided & {node["Node Type"] for node in nodes}, name


def flatten(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from flatten(child)
