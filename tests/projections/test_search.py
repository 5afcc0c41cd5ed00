"""Searching all migrations: what is found, in which order, and through which indexes."""

import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from events.status import Status
from events.store import connect
from projections.status import STATUS, queries
from projections.status.queries import Filter, OwnApp
from projections.status.statements import statement
from projections.upkeep import rebuild
from tests.store.test_plans import flatten

pytestmark = pytest.mark.anyio

MANY = 20_000
FILL = """
INSERT INTO projections.status_migrations (
    id, source_region, source_app, destination_region, destination_app, app_id, new_app_id,
    status, version, started_by, started_at
)
SELECT
    (lpad(to_hex(n), 8, '0') || '-0000-4000-8000-000000000000')::uuid,
    'region-' || n % 2, 'app-' || n, 'region-' || (n + 1) % 2, 'moved-' || n,
    CASE WHEN n % 10 = 0 THEN '' ELSE 'id-' || n END, CASE WHEN n % 10 < 5 THEN '' ELSE 'new-' || n END,
    CASE WHEN n % 4 = 0 THEN 'done' ELSE 'error' END, 1, 'us-' || n % 10000, now() + n * interval '1 second'
FROM generate_series(1, 20000) AS n;
ANALYZE projections_status_2.status_migrations
"""


@pytest.fixture
async def connection(installed_url: str) -> AsyncIterator[asyncpg.Connection]:
    async with connect(installed_url, "tests") as pool:
        await rebuild(pool, STATUS)
    connection = await asyncpg.connect(installed_url)
    await connection.execute(FILL)
    yield connection
    await connection.close()


async def test_migrations_are_found_by_all_that_is_asked_newest_first(connection: asyncpg.Connection) -> None:
    async def found(wanted: Filter, page: int = 1) -> tuple[list[str], int]:
        result = await queries.search(connection, wanted, page, per_page=3)
        return [migration.source.app for migration in result.migrations], result.total_count

    everything = Filter()
    assert await found(everything) == (["app-20000", "app-19999", "app-19998"], MANY)
    assert await found(everything, page=6667) == (["app-2", "app-1"], MANY)
    assert await found(everything, page=6668) == ([], MANY)
    assert await found(Filter(text=" Moved-777 ")) == (["app-7779", "app-7778", "app-7777"], 11)
    assert await found(Filter(text="0000000a-")) == (["app-10"], 1)
    assert await found(Filter(text="%")) == ([], 0)
    assert await found(Filter(region="region-0", text="app-1999")) == (
        ["app-19999", "app-19998", "app-19997"],
        11,
    )
    assert await found(Filter(region="elsewhere")) == ([], 0)
    assert await found(Filter(statuses=[Status.DONE], text="app-1234")) == (
        ["app-12348", "app-12344", "app-12340"],
        3,
    )
    # Of somebody's own: by the ids of both ends, by the name while no id is known, and what they have opened.
    own = [
        OwnApp("region-1", "id-7", "renamed"),
        OwnApp("region-0", "new-8", "app-8"),
        OwnApp("region-0", "id-10", "app-10"),
        OwnApp("region-1", "another-id", "app-9"),
        OwnApp("region-1", "another-id", "moved-6"),
    ]
    assert await found(Filter(apps=own)) == (["app-10", "app-7"], 2)
    own.append(OwnApp("region-1", "new-8", "moved-8"))
    assert await found(Filter(apps=own, started_by="us-3")) == (["app-10003", "app-10", "app-8"], 5)
    assert await found(Filter(apps=[], started_by="us-3", text="app-3")) == (["app-3"], 1)
    assert await found(Filter(apps=[])) == ([], 0)


async def test_a_page_walks_an_index(connection: asyncpg.Connection) -> None:
    own = Filter(apps=[OwnApp("region-1", "id-7", "app-7")], started_by="us-3")
    for wanted, index in ((Filter(), "status_migrations_newest"), (own, "status_migrations_pkey")):
        explain = f"EXPLAIN (FORMAT JSON) {statement('search')}"
        plan = await connection.fetchval(explain, *queries._arguments(wanted), 20, 0)
        page = next(node for node in flatten(json.loads(plan)[0]["Plan"]) if node["Node Type"] == "Limit")
        nodes: list[dict[str, Any]] = list(flatten(page))
        assert index in {node.get("Index Name") for node in nodes}
        assert "Seq Scan" not in {node["Node Type"] for node in nodes}
