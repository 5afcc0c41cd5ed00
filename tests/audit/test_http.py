"""What auditors, and owners of their own migrations, are answered over HTTP."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.gateway.stack import DESTINATION, SOURCE, Stack
from tests.gateway.test_migrations import WireClient, fresh

EVENT = {
    *("position", "stream", "version", "type", "schema_version", "time", "actor", "on_behalf_of"),
    *("correlation_id", "causation_id", "hash", "data"),
}
LINES = {"Accept": "application/x-ndjson"}


class Story:
    """A migration that has passed its preflight, and who looks at it."""

    def __init__(self, stack: Stack, owner: httpx.Client, auditor: httpx.Client) -> None:
        self.stack, self.owner, self.auditor = stack, owner, auditor
        self.app = fresh()
        client = WireClient(owner, self.app)
        self.id = client.create()["id"]
        self.path = f"{client.path}/{self.id}"
        client.run_to_end(self.id, "preflight")
        self.events = self.find(app=self.app, order="oldest", per_page=100)["events"]

    def find(self, **wanted: Any) -> Any:
        answer = self.auditor.get("/v1/audit/events", params=wanted)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def problems(self, path: str, **wanted: Any) -> Any:
        answer = self.auditor.get(path, params=wanted)
        assert answer.status_code == 422, answer.text
        return answer.json()["errors"]


@pytest.fixture(scope="module")
def story(stack: Stack) -> Iterator[Story]:
    with stack.client() as owner, stack.client("auditor") as auditor:
        yield Story(stack, owner, auditor)


def test_all_that_concerns_an_app_is_found_in_order(story: Story) -> None:
    types = [event["type"] for event in story.events]
    assert types[:3] == ["MigrationCreated", "AppClaimed", "AppClaimed"]
    assert types[-1] == "StepSucceeded"
    first = story.events[0]
    assert first.keys() == EVENT
    assert (first["actor"], first["on_behalf_of"]) == ("storky-gateway", "us-owner")
    assert first["data"]["source"] == {"region": SOURCE, "app": story.app}
    newest = story.find(app=story.app, per_page=100)["events"]
    assert newest == story.events[::-1]


def test_pages_follow_each_other(story: Story) -> None:
    total = len(story.events)
    pages = -(-total // 10)
    seen: list[Any] = []
    for number in range(1, pages + 1):
        body = story.find(migration=story.id, order="oldest", per_page=10, page=number)
        seen += body["events"]
        assert body["meta"]["pagination"] == {
            "prev_page": number - 1 or None,
            "current_page": number,
            "next_page": number + 1 if number < pages else None,
            "total_pages": pages,
            "total_count": total,
        }
    assert seen == story.events
    beyond = story.find(migration=story.id, page=pages + 1)
    assert beyond["events"] == []


def test_lines_are_streamed_to_who_asks_for_them(story: Story) -> None:
    answer = story.auditor.get(
        "/v1/audit/events", params={"app": story.app, "order": "oldest"}, headers=LINES
    )
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line) for line in answer.text.splitlines()] == story.events
    nothing = story.auditor.get("/v1/audit/events", params={"app": fresh()}, headers=LINES)
    assert (nothing.status_code, nothing.text) == (200, "")


def test_filters_are_combined(story: Story) -> None:
    requested = story.find(app=story.app, type="TaskRequested", order="oldest", per_page=100)["events"]
    assert {event["type"] for event in requested} == {"TaskRequested"}
    half = requested[len(requested) // 2]
    later = story.find(
        migration=story.id, type="TaskRequested", since=half["time"], order="oldest", per_page=100
    )
    assert later["events"] == [event for event in requested if event["time"] >= half["time"]]
    by_worker = story.find(app=story.app, actor="storky-apps", text="PREFLIGHT")["events"]
    assert {event["actor"] for event in by_worker} == {"storky-apps"}
    assert story.find(app=story.app, region="nowhere")["events"] == []


def test_a_migration_is_shown_as_it_was(story: Story) -> None:
    path = f"/v1/audit/migrations/{story.id}"
    own = [event for event in story.events if event["stream"] == f"migration/{story.id}"]
    now = story.auditor.get(path).json()
    assert (now["status"], now["version"]) == ("preflight-success", len(own))
    first = story.auditor.get(path, params={"version": 1}).json()
    assert (first["status"], first["version"], first["tasks"]) == ("created", 1, [])
    half = own[len(own) // 2]
    by_version = story.auditor.get(path, params={"version": half["version"]}).json()
    assert by_version["status"] == "running"
    by_time = story.auditor.get(path, params={"at": half["time"]}).json()
    assert by_time["version"] == max(e["version"] for e in own if e["time"] <= half["time"])
    for query in ({"time": half["time"]}, {"version": by_time["version"]}):
        answer = story.owner.get(f"{story.path}/at", params=query)
        assert (answer.status_code, answer.json()) == (200, by_time)


def test_two_moments_of_a_migration_are_compared(story: Story) -> None:
    half = story.events[len(story.events) // 2]["time"]
    path = f"/v1/audit/migrations/{story.id}"
    then, now = story.auditor.get(path, params={"at": half}).json(), story.auditor.get(path).json()
    found = story.auditor.get(f"{path}/diff", params={"from": half, "to": now["version"]}).json()
    assert (found["before"], found["after"]) == (then["version"], now["version"])
    assert {"field": "status", "before": "running", "after": "preflight-success"} in found["changes"]
    assert {task["task_id"] for task in found["tasks"]} == {
        task["task_id"] for task in now["tasks"] if task not in then["tasks"]
    }
    own = story.owner.get(f"{story.path}/diff", params={"from": half, "to": now["version"]})
    assert own.json() == found
    back = story.auditor.get(f"{path}/diff", params={"from": now["version"], "to": half}).json()
    assert {"field": "status", "before": "preflight-success", "after": "running"} in back["changes"]


def test_owners_see_the_events_of_their_own_migration(story: Story) -> None:
    answer = story.owner.get(f"{story.path}/events", params={"order": "oldest", "per_page": 100})
    assert answer.json()["events"] == story.events
    lines = story.owner.get(f"{story.path}/events", headers=LINES).text.splitlines()
    assert [json.loads(line) for line in lines] == story.events[::-1]


def test_rights(story: Story) -> None:
    migration, moments = f"/v1/audit/migrations/{story.id}", "diff?from=1&to=2"
    everything = ("/v1/audit/events", migration, f"{migration}/{moments}")
    for path in everything:
        refusal = story.owner.get(path)
        assert (refusal.status_code, refusal.json()["code"]) == (403, "not_allowed")
        assert httpx.get(story.stack.url + path, trust_env=False).status_code == 401
    with story.stack.client("stranger") as stranger:
        for path in (f"{story.path}/events", f"{story.path}/at", f"{story.path}/{moments}"):
            assert stranger.get(path).status_code == 404
            assert story.auditor.get(path).status_code == 200


def test_questions_without_an_answer_are_refused_by_field(story: Story) -> None:
    events, migration = "/v1/audit/events", f"/v1/audit/migrations/{story.id}"
    own = f"{story.path}/at"
    begin = story.auditor.get(migration, params={"version": 1}).json()["started_at"]
    earlier = (datetime.fromisoformat(begin) - timedelta(seconds=1)).isoformat()
    future = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    for path, field, value in (
        (events, "since", "2026-01-01T00:00:00"),
        (events, "since", "yesterday"),
        (events, "since", "1780000000"),
        (events, "since", "0001-01-01T00:00:00+01:00"),
        (events, "since", future),
        (events, "until", "2000-01-01T00:00:00Z"),
        (events, "type", "TaskFaild"),
        (events, "app", "No App"),
        (events, "region", "../v1"),
        (events, "migration", "1"),
        (events, "actor", ""),
        (events, "text", "\0"),
        (events, "text", "x" * 201),
        (events, "order", "random"),
        (events, "page", "0"),
        (events, "per_page", "101"),
        (events, "ap", story.app),
        (migration, "at", "2026-01-01T00:00:00"),
        (migration, "at", future),
        (migration, "at", earlier),
        (migration, "version", "0"),
        (migration, "version", "100000"),
        (migration, "version", str(10**30)),
        (own, "time", earlier),
        (own, "version", "-1"),
    ):
        assert list(story.problems(path, **{field: value})) == [field], (path, field, value)
    for field, value in (("from", earlier), ("to", future), ("from", "0"), ("to", "2026-01-01T00:00:00")):
        wanted = {"from": "1", "to": "1"} | {field: value}
        assert list(story.problems(f"{migration}/diff", **wanted)) == [field]
    both = story.problems(migration, at=begin, version=1)
    assert list(both) == ["version"]
    swapped = story.problems(events, since=begin, until=begin)
    assert list(swapped) == ["until"]


def test_what_is_not_there_is_404(story: Story) -> None:
    missing = story.auditor.get(f"/v1/audit/migrations/{uuid4()}")
    assert (missing.status_code, missing.json()["resource"]) == (404, "migration")
    other = story.owner.get(f"/{DESTINATION}/v1/apps/{story.app}/region_migrations/{story.id}/events")
    assert other.status_code == 404
