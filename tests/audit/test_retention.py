"""An operator archives what has ended, and whoever asks afterwards is told the same as before."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from events.store import connect
from events.store.subscriptions import wait_for
from tests.audit.test_http import Story
from tests.cli.tool import Storky, called, clean
from tests.gateway.stack import Stack, api_token
from tests.gateway.test_migrations import WireClient


@pytest.fixture(scope="module")
def ended(stack: Stack) -> Iterator[Story]:
    """A migration that was aborted, and handled by everybody who follows the log."""
    with stack.client() as owner, stack.client("auditor") as auditor:
        story = Story(stack, owner, auditor)
        client = WireClient(owner, story.app)
        client.run_to_end(story.id, "prepare")
        client.run_to_end(story.id, "abort")
        asyncio.run(_handled(stack.database["STORKY_DATABASE_URL"]))
        yield story


@pytest.fixture
def storky(ended: Story) -> Storky:
    signed_in = clean(STORKY_URL=ended.stack.url, STORKY_TOKEN=api_token("auditor"))
    return partial(called, signed_in | ended.stack.database)


def test_what_was_archived_is_told_as_before(ended: Story, storky: Storky) -> None:
    before = told(ended, storky)
    done = storky("--json", "audit", "archive", "--closed-before", now()).json
    assert done["ok"]
    assert done["events"] >= len(ended.events)
    assert Path(done["file"]).parent == Path(ended.stack.database["STORKY_ARCHIVE"])
    assert asyncio.run(_left(ended)) == [("MigrationAborted", before["shown"]["version"])]
    assert told(ended, storky) == before
    assert storky("--json", "audit", "verify").json["ok"]
    refused = ended.owner.post(f"{ended.path}/run", json={"step": "prepare"})
    assert (refused.status_code, refused.json()["code"]) == (400, "archived")


def test_where_and_when_must_be_said(storky: Storky, ended: Story) -> None:
    for time in ("yesterday", "2026-05-04T12:00:00", now(timedelta(hours=1))):
        assert "--closed-before" in storky("audit", "archive", "--closed-before", time, code=2).stderr
    nowhere = clean(STORKY_DATABASE_URL=ended.stack.database["STORKY_DATABASE_URL"])
    assert "STORKY_ARCHIVE" in called(nowhere, "audit", "archive", "--closed-before", now(), code=1).stderr


def told(ended: Story, storky: Storky) -> dict[str, Any]:
    """Return what is answered about the migration, over HTTP and by the command."""
    path = f"{ended.path}/events"
    return {
        "migration": ended.owner.get(ended.path).json(),
        "its events": ended.owner.get(path, params={"per_page": 100}).json(),
        "the app's": ended.find(app=ended.app, per_page=100),
        "shown": storky("--json", "audit", "show", ended.id).json["migration"],
        "then": storky("--json", "audit", "show", ended.id, "--version", 1).json,
        "between": storky("--json", "audit", "diff", ended.id, 1, 5).json,
        "the log": storky("--app", ended.app, "audit", "log").lines,
    }


def now(more: timedelta = timedelta()) -> str:
    return (datetime.now(UTC) + more).isoformat()


async def _handled(url: str) -> None:
    async with connect(url, "tests") as pool:
        head = await pool.fetchval("SELECT max(position) FROM events")
        for name in await pool.fetch("SELECT name FROM checkpoints"):
            await wait_for(pool, name["name"], head, timeout_seconds=30)


async def _left(ended: Story) -> list[tuple[str, int]]:
    connection = await asyncpg.connect(ended.stack.database["STORKY_DATABASE_URL"])
    try:
        rows = await connection.fetch(
            "SELECT type, version FROM events WHERE stream = $1", f"migration/{ended.id}"
        )
        return [(row["type"], row["version"]) for row in rows]
    finally:
        await connection.close()
