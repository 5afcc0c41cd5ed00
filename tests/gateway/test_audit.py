"""What the log keeps of a command that came through the gateway: who asked, and in which connection."""

import json
from typing import Any

import asyncpg
import httpx
import pytest

from tests.gateway.region import OWNER
from tests.gateway.stack import Stack
from tests.gateway.test_migrations import WireClient, fresh

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def metadata(stack: Stack, migration: str) -> dict[str, Any]:
    connection = await asyncpg.connect(stack.processes["migrations"].environment["STORKY_DATABASE_URL"])
    try:
        text = await connection.fetchval(
            "SELECT metadata FROM events WHERE stream = $1 AND version = 1", f"migration/{migration}"
        )
    finally:
        await connection.close()
    kept: dict[str, Any] = json.loads(text)
    return kept


@pytest.mark.anyio
async def test_the_user_and_the_trace_are_kept_with_the_event(stack: Stack, http: httpx.Client) -> None:
    http.headers["traceparent"] = TRACE
    migration = WireClient(http, fresh()).create()["id"]
    kept = await metadata(stack, migration)
    assert kept.pop("causation_id")
    assert kept == {
        "actor": "storky-gateway",
        "on_behalf_of": OWNER,
        "correlation_id": migration,
        "traceparent": TRACE,
    }


@pytest.mark.anyio
async def test_a_trace_that_is_not_well_formed_is_replaced(stack: Stack, http: httpx.Client) -> None:
    http.headers["traceparent"] = "00-owner@example.com"
    migration = WireClient(http, fresh()).create()["id"]
    traceparent = (await metadata(stack, migration))["traceparent"]
    assert len(traceparent) == len(TRACE)
    assert "example" not in traceparent
