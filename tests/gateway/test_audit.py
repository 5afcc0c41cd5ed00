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
    kept: dict[str, Any] = json.loads(
        await recorded(
            stack, "SELECT metadata FROM events WHERE stream = $1 AND version = 1", f"migration/{migration}"
        )
    )
    return kept


async def recorded(stack: Stack, query: str, argument: str) -> str:
    connection = await asyncpg.connect(stack.processes["migrations"].environment["STORKY_DATABASE_URL"])
    try:
        return str(await connection.fetchval(query, argument))
    finally:
        await connection.close()


def refused(http: httpx.Client, destination: object) -> str:
    """Ask for a migration to there; return the path."""
    path = WireClient(http, fresh()).path
    assert http.post(path, json={"migration": {"destination": destination}}).is_client_error
    return path


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


@pytest.mark.anyio
async def test_a_destination_that_does_not_exist_is_recorded_as_a_rejection(
    stack: Stack, http: httpx.Client
) -> None:
    refused(http, nowhere := fresh())
    query = "SELECT data FROM events WHERE type = 'CommandRejected' AND data LIKE '%' || $1 || '%'"
    assert json.loads(await recorded(stack, query, nowhere))["code"] == "unknown_region"


def test_a_refusal_that_is_no_command_is_a_line_of_the_log(stack: Stack, http: httpx.Client) -> None:
    path = refused(http, 7)
    lines = map(json.loads, stack.processes["gateway"].log.read_text().splitlines())
    kept = [line for line in lines if line.get("action") == "http.refused" and line["path"] == path]
    assert [(line["status"], line["fields"]) for line in kept] == [(422, ["destination"])]
