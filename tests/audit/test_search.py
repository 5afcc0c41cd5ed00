"""What auditors look for is found, all of it and nothing else, in either order, and by an index."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from events.store import Log
from events.store.search import Query, Search, Table
from tests.audit.samples import aborted, claimed, publish, rejected
from tests.store.test_plans import flatten

pytestmark = pytest.mark.anyio

SHOP, BLOG = uuid4(), uuid4()


@pytest.fixture
async def table(pool: asyncpg.Pool, log: Log) -> Table:
    await publish(log, claimed("shop", SHOP))  # 1 to 3
    await publish(log, claimed("blog", BLOG, "far-fr1"), person="us-2")  # 4 to 6
    await publish(log, rejected("billing", app="shop"), actor="billing", person=None)  # 7
    await publish(log, rejected("billing", migration=SHOP), actor="billing", person=None)  # 8
    await publish(log, aborted("shop", SHOP), actor="storky-apps", person=None)  # 9 to 11
    return Table(pool)


async def found(table: Table, **query: Any) -> list[int]:
    """Return the positions, found in the three ways there are; they must agree."""
    search = Search([table], Query(**query))
    positions = [event.position async for batch in search.batches() for event in batch]
    assert await search.count() == len(positions)
    pages = [await search.page(skipped, 3) for skipped in range(0, len(positions) + 1, 3)]
    assert [event.position for page in pages for event in page] == positions
    return positions


async def test_what_was_asked_for_is_found(table: Table, log: Log) -> None:
    for query, positions in (
        ({}, range(1, 12)),
        ({"order": "newest"}, range(11, 0, -1)),
        ({"app": "shop"}, [1, 2, 3, 7, 8, 9, 10, 11]),
        ({"app": "blog"}, [4, 5, 6]),
        ({"app": "sho"}, []),
        ({"region": "far-fr1"}, [4, 5, 6]),
        ({"region": "osc-fr1"}, [1, 2, 3, 8, 9, 10, 11]),
        ({"app": "blog", "region": "osc-fr1"}, []),
        ({"migration": SHOP}, [1, 2, 3, 8, 9, 10, 11]),
        ({"migration": SHOP, "app": "blog"}, []),
        ({"migration": uuid4()}, []),
        ({"actor": "storky-apps"}, [9, 10, 11]),
        ({"actor": "us-2"}, [4, 5, 6]),
        ({"type": "AppClaimed", "order": "newest"}, [6, 5, 3, 2]),
        ({"text": "MORE", "app": "shop"}, []),
        ({"text": "NAME AN_other", "app": "shop"}, [7, 8]),
        ({"text": "an_ther"}, []),
        ({"text": '"agora-fr1" already, 100 %'}, [7, 8]),
        ({"type": "AppReleased", "actor": "storky-apps", "text": "osc"}, [11]),
    ):
        assert await found(table, **query) == list(positions), query


async def test_a_time_span_includes_its_begin_and_not_its_end(table: Table, log: Log) -> None:
    events = await log.read_all(0, 100)
    begin, end = events[3].recorded_at, events[8].recorded_at
    moment = timedelta(microseconds=1)
    assert await found(table, since=begin) == list(range(4, 12))
    assert await found(table, since=begin, until=end) == list(range(4, 9))
    assert await found(table, until=end + moment) == list(range(1, 12))
    assert await found(table, since=end + moment) == []


async def test_large_skips_and_batches_leave_nothing_out(
    pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    monkeypatch.setattr("events.store.search.BATCH", 2)
    monkeypatch.setattr("events.store.search._SKIPPED", 2)
    for _ in range(3):
        await publish(log, claimed("shop", uuid4()))
    assert await found(Table(pool)) == list(range(1, 10))
    assert await found(Table(pool), order="newest", type="AppClaimed") == [9, 8, 6, 5, 3, 2]


FILL = """
    INSERT INTO events
    SELECT n, 'migration/' || lpad(to_hex(n / 50), 8, '0') || '-0000-4000-8000-000000000000', 1 + n % 50,
        gen_random_uuid(), (ARRAY['TaskRequested', 'TaskSucceeded', 'TaskFailed'])[1 + (n % 500) / 249], 1,
        json_build_object('migration_id', lpad(to_hex(n / 50), 8, '0') || '-0000-4000-8000-000000000000'),
        json_build_object('actor', 'publisher-' || n % 9000,
            'on_behalf_of', nullif('us-' || n % 8000, 'us-0'),
            'correlation_id', gen_random_uuid(), 'causation_id', gen_random_uuid()),
        now() + n * interval '1 second', sha256('')
    FROM generate_series(1, 20000) AS n;
    INSERT INTO events
    SELECT 20000 + n, 'app/agora-fr1/app-' || n, 1, gen_random_uuid(), 'AppClaimed', 1,
        json_build_object('migration_id', lpad(to_hex(n), 8, '0') || '-0000-4000-8000-000000000000'),
        json_build_object('actor', 'storky-gateway', 'correlation_id', gen_random_uuid(),
            'causation_id', gen_random_uuid()),
        now() + interval '1 day', sha256('')
    FROM generate_series(1, 1000) AS n;
    ANALYZE events
"""
MIGRATION = UUID("00000007-0000-4000-8000-000000000000")


class Explained(Table):
    """A table that notes how its statements are carried out."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        super().__init__(pool)
        self.nodes: list[dict[str, Any]] = []

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Any]:
        (row,) = await super().fetch(f"EXPLAIN (FORMAT JSON) {sql}", *arguments)
        self.nodes += flatten(json.loads(row[0])[0]["Plan"])
        return await super().fetch(sql, *arguments)


async def test_every_filter_walks_an_index(pool: asyncpg.Pool) -> None:
    await pool.execute(FILL)
    begin: datetime = await pool.fetchval("SELECT min(recorded_at) FROM events")
    for query, index in (
        (Query(), "events_position_key"),
        (Query(order="newest"), "events_position_key"),
        (Query(type="AppReleased"), "events_by_type"),
        (Query(actor="publisher-7"), "events_by_actor"),
        (Query(actor="us-7", order="newest"), "events_by_person"),
        (Query(migration=MIGRATION), "events_about_migration"),
        (Query(migration=MIGRATION), "events_stream_version_key"),
        (Query(app="app-7"), "events_by_app"),
        (Query(app="app-7"), "events_stream_version_key"),
        (Query(since=begin + timedelta(hours=1)), "events_by_time"),
    ):
        table = Explained(pool)
        assert await Search([table], query).page(0, 50) or query.type, query
        assert index in {node.get("Index Name") for node in table.nodes}, (query, table.nodes)
        assert "Seq Scan" not in {node["Node Type"] for node in table.nodes}, query
