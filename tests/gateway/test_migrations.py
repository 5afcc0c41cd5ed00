"""A client as strict as those of the contract: exact statuses, key sets, nulls and times."""

import re
import time
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.gateway.stack import DESTINATION, DOWN, SOURCE, Stack

MIGRATION: dict[str, Any] = {
    "id": str,
    "src_app_name": str,
    "dst_app_name": str,
    "app_id": str,
    "new_app_id": str,
    "source": str,
    "destination": str,
    "status": str,
    "started_at": str,
    "finished_at": (str, type(None)),
    "steps": list,
}
STEP = {"id": str, "name": str, "status": str, "logs": str}
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
UNKNOWN = "00000000-0000-4000-8000-000000000000"
UNDER_WAY = ("running", "aborting")


class WireClient:
    """Talks as the Scalingo CLI does, and accepts only what it would."""

    def __init__(self, http: httpx.Client, app: str) -> None:
        self.http = http
        self.path = f"/{SOURCE}/v1/apps/{app}/region_migrations"

    def create(self, destination: str = DESTINATION, name: str = "") -> dict[str, Any]:
        body = {"migration": {"destination": destination, "dst_app_name": name}}
        answer = self.http.post(self.path, json=body)
        assert answer.status_code == 201, answer.text
        return checked(answer.json())

    def show(self, migration: str) -> dict[str, Any]:
        answer = self.http.get(f"{self.path}/{migration}?")
        assert answer.status_code == 200, answer.text
        return checked(answer.json())

    def run(self, migration: str, step: str) -> None:
        answer = self.http.post(f"{self.path}/{migration}/run", json={"step": step})
        assert (answer.status_code, answer.content) == (204, b""), answer.text

    def run_to_end(self, migration: str, step: str) -> dict[str, Any]:
        """Run the step to its end; that it runs must show as soon as that is answered."""
        before = self.show(migration)
        hidden = {step["id"] for step in before["steps"]}
        self.run(migration, step)
        shown = self.show(migration)
        assert shown["status"] != before["status"] or len(shown["steps"]) > len(hidden)
        deadline = time.monotonic() + 60
        while shown["status"] in UNDER_WAY:
            assert time.monotonic() < deadline, shown
            time.sleep(0.05)
            shown = self.show(migration)
        return {**shown, "steps": [step for step in shown["steps"] if step["id"] not in hidden]}


def checked(migration: dict[str, Any]) -> dict[str, Any]:
    assert migration.keys() == MIGRATION.keys()
    for key, kind in MIGRATION.items():
        assert isinstance(migration[key], kind), (key, migration[key])
    assert RFC3339.fullmatch(migration["started_at"])
    assert migration["finished_at"] is None or RFC3339.fullmatch(migration["finished_at"])
    for step in migration["steps"]:
        assert step.keys() == STEP.keys()
        assert all(isinstance(value, str) for value in step.values())
        assert step["status"] in ("running", "done", "error")
    return migration


def fresh(prefix: str = "app") -> str:
    return f"{prefix}-{uuid4().hex[:12]}"


def test_creating_only_creates(http: httpx.Client) -> None:
    app = fresh()
    created = WireClient(http, app).create()
    assert UUID(created["id"])
    assert created == {
        "id": created["id"],
        "src_app_name": app,
        "dst_app_name": app,
        "app_id": f"id-{app}",
        "new_app_id": "",
        "source": SOURCE,
        "destination": DESTINATION,
        "status": "created",
        "started_at": created["started_at"],
        "finished_at": None,
        "steps": [],
    }


def test_an_app_can_be_named_by_its_id_and_get_another_name(http: httpx.Client) -> None:
    app = fresh()
    created = WireClient(http, f"id-{app}").create(name=f"new-{app}")
    assert (created["src_app_name"], created["dst_app_name"]) == (app, f"new-{app}")
    assert WireClient(http, app).show(created["id"]) == created


def test_a_migration_from_its_checks_to_its_end(http: httpx.Client) -> None:
    client = WireClient(http, fresh())
    migration = client.create()["id"]
    checks = client.run_to_end(migration, "preflight")
    assert checks["status"] == "preflight-success"
    assert [step["name"] for step in checks["steps"]] == [
        "Check addon versions",
        "Check certificate validity",
        "Check addons compatibility",
        "Check the app's state",
        "Check the destination",
        "Preflight checks",
    ]
    prepared = client.run_to_end(migration, "prepare")
    assert prepared["status"] == "prepared"
    assert prepared["new_app_id"] == f"id-{prepared['dst_app_name']}"
    done = client.run_to_end(migration, "finalize")
    assert (done["status"], {step["status"] for step in done["steps"]}) == ("done", {"done"})
    assert datetime.fromisoformat(done["finished_at"]) > datetime.fromisoformat(done["started_at"])


def test_finalize_is_allowed_after_the_data_too(http: httpx.Client) -> None:
    client = WireClient(http, fresh())
    migration = client.create()["id"]
    ends = [client.run_to_end(migration, step)["status"] for step in ("preflight", "prepare", "data")]
    assert ends == ["preflight-success", "prepared", "data-migrated"]
    assert client.run_to_end(migration, "finalize")["status"] == "done"


def test_a_task_with_nothing_to_do_is_a_step_of_its_own(http: httpx.Client) -> None:
    client = WireClient(http, fresh())
    migration = client.create()["id"]
    client.run_to_end(migration, "preflight")
    steps = {step["name"]: step for step in client.run_to_end(migration, "prepare")["steps"]}
    assert steps["Copy the SCM integration"]["status"] == "done"
    answer = http.get(f"{client.path}/{migration}/tasks?")
    assert answer.status_code == 200
    assert checked(answer.json()["migration"])["status"] == "prepared"
    tasks = {task["name"]: task for task in answer.json()["tasks"]}
    assert tasks["copy-scm-link"] | {"id": "", "started_at": "", "finished_at": ""} == {
        "id": "",
        "step": "prepare",
        "name": "copy-scm-link",
        "label": "Copy the SCM integration",
        "item": None,
        "service": "apps",
        "state": "done",
        "skipped": True,
        "started_at": "",
        "finished_at": "",
        "message": "",
        "result": {},
        "progress": None,
    }


def test_a_failed_step_says_why_and_a_second_attempt_has_steps_of_its_own(http: httpx.Client) -> None:
    client = WireClient(http, fresh("unbuildable"))
    migration = client.create()["id"]
    client.run_to_end(migration, "preflight")
    first = client.run_to_end(migration, "prepare")
    assert first["status"] == "error"
    (failed,) = [step for step in first["steps"] if step["status"] == "error"]
    assert failed["name"] == "Import the running build"
    assert failed["logs"]
    second = client.run_to_end(migration, "prepare")
    assert not {step["id"] for step in first["steps"]} & {step["id"] for step in second["steps"]}
    undone = client.run_to_end(migration, "abort")
    assert (undone["status"], undone["finished_at"] is None) == ("aborted", False)
    assert "Abort: Delete new app" in [step["name"] for step in undone["steps"]]


def test_a_failed_preflight_ends_the_migration_and_another_can_follow(http: httpx.Client) -> None:
    client = WireClient(http, fresh("uncheckable"))
    migration = client.create()["id"]
    ended = client.run_to_end(migration, "preflight")
    assert ended["status"] == "preflight-error"
    assert {step["status"] for step in ended["steps"]} == {"done", "error"}
    client.create()


def test_the_list_is_a_bare_array_of_the_apps_own_migrations(http: httpx.Client) -> None:
    client = WireClient(http, fresh())
    assert http.get(f"{client.path}?").json() == []
    created = client.create()
    answer = http.get(f"{client.path}?")
    assert (answer.status_code, answer.json()) == (200, [created])


@pytest.mark.parametrize("step", ["prepare", "data", "finalize"])
def test_a_step_out_of_order_is_refused(http: httpx.Client, step: str) -> None:
    client = WireClient(http, fresh())
    migration = client.create()["id"]
    answer = http.post(f"{client.path}/{migration}/run", json={"step": step})
    assert (answer.status_code, answer.json().keys()) == (400, {"error", "code"})
    assert answer.json()["code"] == "wrong_state"


def test_a_second_migration_of_an_app_is_refused(http: httpx.Client) -> None:
    client = WireClient(http, fresh())
    client.create()
    answer = http.post(client.path, json={"migration": {"destination": DESTINATION, "dst_app_name": ""}})
    assert (answer.status_code, answer.json()["code"]) == (400, "app_in_migration")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"migration": {"destination": "nowhere", "dst_app_name": ""}}, "destination"),
        ({"migration": {"destination": "No such!", "dst_app_name": ""}}, "destination"),
        ({"migration": {"destination": SOURCE, "dst_app_name": "other"}}, "destination"),
        ({"migration": {"destination": DESTINATION, "dst_app_name": "-No!"}}, "dst_app_name"),
        ({"migration": {"destination": 7, "dst_app_name": ""}}, "destination"),
        ({"migration": {"dst_app_name": ""}}, "destination"),
        ({"migration": None}, "migration"),
        ({}, "migration"),
    ],
)
def test_bad_input_is_told_by_field(http: httpx.Client, body: Any, field: str) -> None:
    answer = http.post(WireClient(http, fresh()).path, json=body)
    assert (answer.status_code, answer.json().keys()) == (422, {"errors"})
    assert answer.json()["errors"].keys() == {field}
    assert all(isinstance(text, str) for text in answer.json()["errors"][field])


def test_an_unknown_step_is_bad_input(http: httpx.Client) -> None:
    client = WireClient(http, fresh())
    answer = http.post(f"{client.path}/{client.create()['id']}/run", json={"step": "rewind"})
    assert (answer.status_code, answer.json()["errors"].keys()) == (422, {"step"})


def test_a_body_that_is_not_json_is_refused(http: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    answer = http.post(WireClient(http, fresh()).path, content=b"{", headers=headers)
    assert (answer.status_code, answer.json().keys()) == (400, {"error", "code"})


def test_a_body_without_an_end_is_not_read_to_its_end(http: httpx.Client) -> None:
    answer = http.post(WireClient(http, fresh()).path, content=b'"' + b"x" * 1_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        (f"/{SOURCE}/v1/apps/missing/region_migrations", "app"),
        (f"/{SOURCE}/v1/apps/app-1/region_migrations/{UNKNOWN}", "migration"),
        (f"/{SOURCE}/v1/apps/app-1/region_migrations/not-a-uuid", "migration"),
        ("/nowhere/v1/apps/app-1/region_migrations", "region"),
        ("/nowhere/v1/apps", "region"),
        ("/nowhere", "path"),
    ],
)
def test_what_does_not_exist_is_named(http: httpx.Client, path: str, resource: str) -> None:
    answer = http.get(f"{path}?")
    assert (answer.status_code, answer.json().keys()) == (404, {"resource", "error"})
    assert answer.json()["resource"] == resource


def test_a_migration_is_shown_under_its_own_app_and_region_only(http: httpx.Client) -> None:
    client = WireClient(http, fresh())
    migration = client.create()["id"]
    other_app = WireClient(http, fresh()).path
    other_region = client.path.replace(SOURCE, DESTINATION)
    for path in (other_app, other_region):
        answer = http.get(f"{path}/{migration}?")
        assert (answer.status_code, answer.json()["resource"]) == (404, "migration")
        answer = http.post(f"{path}/{migration}/run", json={"step": "abort"})
        assert (answer.status_code, answer.json()["resource"]) == (404, "migration")
    assert client.show(migration)["status"] == "created"


def test_another_users_app_does_not_exist(stack: Stack, http: httpx.Client) -> None:
    client = WireClient(http, fresh())
    migration = client.create()["id"]
    with stack.client("stranger") as stranger:
        for path in (client.path, f"{client.path}/{migration}"):
            answer = stranger.get(f"{path}?")
            assert (answer.status_code, answer.json()["resource"]) == (404, "app")


def test_an_auditor_looks_and_changes_nothing(stack: Stack, http: httpx.Client) -> None:
    client = WireClient(http, fresh())
    migration = client.create()["id"]
    with stack.client("auditor") as auditor:
        assert auditor.get(f"{client.path}/{migration}?").status_code == 200
        answer = auditor.post(f"{client.path}/{migration}/run", json={"step": "abort"})
        assert (answer.status_code, answer.json().keys()) == (403, {"error", "code"})


def test_without_a_token_there_is_nothing_to_see(stack: Stack) -> None:
    answer = httpx.get(f"{stack.url}/{SOURCE}/v1/apps/app-1/region_migrations?", trust_env=False)
    assert (answer.status_code, answer.json().keys()) == (401, {"error"})


def test_a_region_that_is_down_is_told_apart(http: httpx.Client) -> None:
    answer = http.get(f"/{DOWN}/v1/apps/app-1/region_migrations?")
    assert (answer.status_code, answer.json()["code"]) == (503, "region_unavailable")
