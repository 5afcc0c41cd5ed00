"""`storky audit` as auditors use it: what it shows, tells, compares, exports and verifies."""

import csv
import io
import json
from functools import partial
from pathlib import Path

import duckdb
import pytest

from local import operator_key
from tests.audit.test_http import Story, story
from tests.cli.tool import Storky, called, clean
from tests.gateway.stack import api_token

__all__ = ["story"]


@pytest.fixture
def storky(story: Story) -> Storky:
    signed_in = clean(STORKY_URL=story.stack.url, STORKY_TOKEN=api_token("auditor"))
    return partial(called, signed_in | story.stack.database)


def test_show_a_migration_at_any_moment(storky: Storky, story: Story) -> None:
    now = storky("audit", "show", story.id).lines
    assert now[0] == f"Migration ID: {story.id}"
    assert "Status: preflight-success" in now
    assert any(line.startswith("✔ preflight: ") for line in now)
    first = storky("audit", "show", story.id, "--version", 1).lines
    assert "Status: created" in first
    own = [event for event in story.events if event["stream"].startswith("migration/")]
    at = storky("--json", "audit", "show", story.id, "--at", own[5]["time"]).json["migration"]
    assert at["version"] == max(event["version"] for event in own if event["time"] <= own[5]["time"])
    assert storky("audit", "show", story.id, "--at", "2026-05-04T12:00:00", code=1).stderr.startswith(
        "storky: at: "
    )
    assert "version" in storky("audit", "show", story.id, "--version", 10_000, code=1).stderr


def test_log_tells_events_in_either_order_and_in_pages(storky: Storky, story: Story) -> None:
    total = len(story.events)
    lines = storky("audit", "log", "--app", story.app).lines
    assert len(lines) == total
    positions = [int(line.split()[3]) for line in lines]
    assert positions == [event["position"] for event in reversed(story.events)]
    assert "us-owner" in lines[-1]
    oldest = storky("--json", "audit", "log", "--migration", story.id, "--oldest-first").json
    assert oldest == {"ok": True, "events": story.events}
    assert storky("--json", "audit", "log", "--actor", "nobody").json == {"ok": True, "events": []}
    page = storky("audit", "log", "--app", story.app, "--page", 1, "--per-page", total - 1)
    assert page.lines == lines[:-1]
    assert page.stderr == f"There are {total}; go on with --page 2.\n"
    second = storky("--json", "audit", "log", "--app", story.app, "--page", 2, "--per-page", total - 1).json
    assert second["events"] == story.events[:1]
    assert "since" in storky("audit", "log", "--since", "2026-05-04", code=1).stderr


def test_diff_tells_what_changed_between_two_moments(storky: Storky, story: Story) -> None:
    told = storky("audit", "diff", story.id, 1, story.events[-1]["time"]).lines
    assert "status: created → preflight-success" in told
    assert "    state: - → done" in told
    found = storky("--json", "audit", "diff", story.id, 2, 3).json
    assert (found["before"], found["after"]) == (2, 3)
    assert [change["field"] for task in found["tasks"] for change in task["changes"]] == [
        "state",
        "started_at",
    ]
    back = storky("--json", "audit", "diff", story.id, 3, 2).json
    assert back["tasks"][0]["changes"][0] == {"field": "state", "before": "running", "after": "waiting"}
    assert storky("audit", "diff", story.id, 3, 3).lines[1:] == ["nothing has changed."]
    assert not [line for line in storky("audit", "diff", story.id, 1, 5).lines if line.endswith("- → -")]


def test_export_writes_whole_files_in_every_format(storky: Storky, story: Story, tmp_path: Path) -> None:
    def export(form: str) -> Path:
        file = tmp_path / f"events.{form}"
        asked = ("--app", story.app, "--format", form, "--output", file)
        told = storky("--json", "audit", "export", *asked).json
        assert told == {"ok": True, "file": str(file), "events": len(story.events)}
        return file

    lines = export("jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == story.events
    rows = list(csv.DictReader(io.StringIO(export("csv").read_text())))
    assert [row["hash"] for row in rows] == [event["hash"] for event in story.events]
    assert [json.loads(row["data"]) for row in rows] == [event["data"] for event in story.events]
    query = "SELECT position, hash, data FROM read_parquet(?)"
    table = duckdb.execute(query, [str(export("parquet"))]).fetchall()
    assert [(position, json.loads(data)) for position, _, data in table] == [
        (event["position"], event["data"]) for event in story.events
    ]
    assert {path.name for path in tmp_path.iterdir()} == {
        f"events.{form}" for form in ("jsonl", "csv", "parquet")
    }


def test_an_export_that_fails_leaves_the_old_file(storky: Storky, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text("of yesterday")
    assert "since" in storky("audit", "export", "--since", "soon", "--output", file, code=1).stderr
    assert [(path, path.read_text()) for path in tmp_path.iterdir()] == [(file, "of yesterday")]
    nowhere = tmp_path / "missing" / "events.jsonl"
    assert "cannot be written" in storky("audit", "export", "--output", nowhere, code=1).stderr


def test_verify_holds_the_log_against_a_signed_head(storky: Storky, story: Story, tmp_path: Path) -> None:
    operator_key.keep(tmp_path)
    private, public, kept = (
        tmp_path / "operator-key.pem",
        tmp_path / "operator-key.pub",
        tmp_path / "head.json",
    )
    storky("audit", "head", "--sign", "--key", private, "--output", kept)
    head = json.loads(kept.read_text())
    assert storky("audit", "head").json["position"] >= head["position"]
    verified = storky("--json", "audit", "verify", "--since-head", kept, "--public-key", public).json
    assert verified["ok"]
    assert verified["position"] >= head["position"]

    kept.write_text(json.dumps(head | {"position": head["position"] + 1_000_000}))
    tampered = storky("audit", "verify", "--since-head", kept, "--public-key", public, code=1)
    assert "is not what was signed" in tampered.stderr
    later = tmp_path / "later.json"
    later.write_text(kept.read_text())
    broken = storky("--json", "audit", "verify", "--since-head", later, code=1).json
    assert (broken["ok"], broken["fault"]) == (False, "removed")
    assert broken["position"] > head["position"]


def test_who_may_not_is_told_so(story: Story) -> None:
    owner = partial(called, clean(STORKY_URL=story.stack.url, STORKY_TOKEN=api_token("owner")))
    assert "Only operators and auditors" in owner("audit", "log", code=1).stderr
    assert owner("audit", "head", "--sign", code=2).stdout == ""
