"""People with psql: what they may read is documented to the last column, and they can do nothing else."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from events.store import Log, connect
from tests.audit.samples import claimed, publish, rejected
from tests.store.test_immutability import CHANGES, login

pytestmark = pytest.mark.anyio

DOCUMENT = Path(__file__).parents[2] / "docs" / "audit.md"
SHOP = uuid4()

COLUMNS = """
    SELECT c.relname AS view, a.attname AS column, col_description(c.oid, a.attnum) AS comment
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relnamespace = 'audit'::regnamespace
    ORDER BY c.relname, a.attnum
"""
ELSEWHERE = """
    SELECT format('%I.%I', schemaname, relname) FROM pg_stat_user_tables
    UNION SELECT format('%I.%I', schemaname, viewname) FROM pg_views
    WHERE schemaname NOT IN ('audit', 'pg_catalog', 'information_schema')
"""


@pytest.fixture
async def auditor(installed_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with connect(await login(installed_url, "storky_auditor"), "tests") as pool:
        yield pool


async def test_every_view_and_column_is_documented(pool: asyncpg.Pool) -> None:
    document = DOCUMENT.read_text().splitlines()
    columns = await pool.fetch(COLUMNS)
    assert {row["view"] for row in columns} >= {"events", "refusals", "migrations", "tasks"}
    for row in columns:
        assert row["comment"], row
        assert f"| {row['column']} | {row['comment']} |" in document, row


async def test_an_auditor_reads_the_views(pool: asyncpg.Pool, log: Log, auditor: asyncpg.Pool) -> None:
    await publish(log, claimed("shop", SHOP))
    await publish(log, rejected("billing", app="shop"), actor="billing", person=None)
    events = await auditor.fetch("SELECT * FROM audit.events ORDER BY position")
    assert [row["migration_id"] for row in events] == [SHOP, SHOP, SHOP, None]
    assert (events[0]["actor"], events[0]["on_behalf_of"]) == ("storky-gateway", "us-1")
    stored = await log.read_all(0, 10)
    assert [(row["data"], row["hash"]) for row in events] == [(event.data, event.hash) for event in stored]
    (refusal,) = await auditor.fetch("SELECT * FROM audit.refusals")
    assert (refusal["publisher"], refusal["app"], refusal["code"]) == ("billing", "shop", "same_region")
    for view in ("migrations", "tasks"):
        assert await auditor.fetch(f"SELECT * FROM audit.{view}") == []  # noqa: S608


async def test_an_auditor_can_do_nothing_else(pool: asyncpg.Pool, auditor: asyncpg.Pool) -> None:
    others = [row[0] for row in await pool.fetch(ELSEWHERE)]
    assert "public.events" in others
    reading = [f"SELECT FROM {table}" for table in others]
    writing = (
        "UPDATE audit.events SET version = 1",
        "DELETE FROM audit.refusals",
        "UPDATE audit.migrations SET status = 'done'",
        "CREATE TABLE public.own ()",
        "CREATE TABLE audit.own ()",
    )
    for forbidden in (*reading, *writing, *CHANGES):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await auditor.execute(forbidden)
