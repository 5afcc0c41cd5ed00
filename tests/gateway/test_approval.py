"""A step that waits for a second person, where the platform wants that."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.gateway import region
from tests.gateway.region import Standing
from tests.gateway.stack import SOURCE, Stack, user_id
from tests.gateway.test_migrations import UNKNOWN, WireClient, fresh

APPROVALS = "STORKY_APPROVALS"


@contextmanager
def approvals(stack: Stack) -> Iterator[None]:
    """Have finalize wait for a second person while the block lasts."""
    migrations = stack.processes["migrations"]
    migrations.stop()
    migrations.environment[APPROVALS] = json.dumps(["finalize"])
    migrations.start()
    try:
        yield
    finally:
        migrations.stop()
        del migrations.environment[APPROVALS]
        migrations.start()


def test_a_step_begins_when_somebody_else_has_approved_it(stack: Stack, http: httpx.Client) -> None:
    app = fresh()
    region.STANDING[SOURCE, app] = Standing(f"id-{app}", collaborators=frozenset({user_id("collaborator")}))
    client, approval = WireClient(http, app), {"step": "finalize"}
    with approvals(stack), stack.client("collaborator") as colleague:
        migration = client.create()["id"]
        for step in ("preflight", "prepare"):
            client.run_to_end(migration, step)
        path = f"{client.path}/{migration}/approve"
        assert code(http.post(path, json=approval)) == (400, "not_awaiting_approval")
        client.run(migration, "finalize")
        (waiting,) = [step for step in client.show(migration)["steps"] if step["name"] == "Approval"]
        assert waiting["status"] == "running"
        assert code(http.post(path, json=approval)) == (400, "own_request")
        answer = colleague.post(path, json=approval)
        assert (answer.status_code, answer.content) == (204, b"")
        deadline = time.monotonic() + 60
        while (shown := client.show(migration))["status"] == "running":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert shown["status"] == "done"


@pytest.mark.parametrize("body", [{}, {"step": "rewind"}, {"step": None}])
def test_what_cannot_be_approved_is_told_by_field(http: httpx.Client, body: dict[str, str | None]) -> None:
    client = WireClient(http, fresh())
    answer = http.post(f"{client.path}/{client.create()['id']}/approve", json=body)
    assert (answer.status_code, answer.json()["errors"].keys()) == (422, {"step"})


def test_a_migration_there_is_not_cannot_be_approved(http: httpx.Client) -> None:
    answer = http.post(f"{WireClient(http, fresh()).path}/{UNKNOWN}/approve", json={"step": "finalize"})
    assert (answer.status_code, answer.json()["resource"]) == (404, "migration")


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
