"""The plan of a migration: what the gateway reads of two regions, and what it makes of it."""

import json

import httpx
import pytest

from projections.status import Timing
from services.gateway.planning.estimate import MEGABYTE, estimate
from tests.gateway.stack import DESTINATION, DOWN, SOURCE, Stack

PATH = f"/{SOURCE}/v1/apps/rich-app/migration_plan"


def asked(http: httpx.Client, **query: str) -> httpx.Response:
    return http.get(PATH, params=query)


def test_a_plan_says_what_moves_what_stays_and_what_changes(http: httpx.Client) -> None:
    answer = asked(http, destination=DESTINATION, dst_app_name="new-app")
    assert answer.status_code == 200, answer.text
    plan = answer.json()
    assert plan["destination"] == {"region": DESTINATION, "app": "new-app"}
    counts = {each["kind"]: each["count"] for each in plan["copied"]}
    assert counts == {
        "app": 1,
        "settings": 2,
        "limits": 0,
        "container types": 1,
        "build": 1,
        "variables": 4,
        "collaborators": 1,
        "SCM link": 0,
        "domains": 1,
        "certificates": 1,
        "notifiers": 0,
        "alerts": 0,
        "log drains": 2,
        "autoscalers": 0,
        "addons without data": 0,
        "databases": 1,
    }
    stays = {each["kind"]: each for each in plan["not_moved"]}
    kinds = ("pending collaborators", "former collaborators", "one-off containers", "backups", "addon")
    assert [stays[kind]["count"] for kind in kinds] == [1, 1, 1, 3, 1]
    assert stays["pending collaborators"]["names"] == ["pending@example.com"]
    assert (stays["earlier deployments"]["count"], stays["logs"]["count"]) == (3, None)
    assert stays["variables of addons"]["names"] == ["DATABASE_URL"]
    assert stays["addon"]["why"].startswith("osc-fr1 does not offer Logbook.")
    changes = {each["what"]: (each["old"], each["new"]) for each in plan["changes"]}
    assert changes["name"] == ("rich-app", "new-app")
    assert changes["URL"] == ("https://rich-app.agora-fr1.example", "http://new-app.osc-fr1.example:2")
    assert changes["git URL"] == ("git@agora-fr1.example:rich-app.git", None)
    assert changes["app id"] == ("id-rich-app", None)
    assert "host, name, user and password of PostgreSQL 18 (small) ad-1" in changes
    assert "outgoing IP addresses" in changes
    assert plan["mentions"] == ["BUCKET", "REPLICA", "SELF"]
    (database,) = plan["databases"]
    assert (database["addon"], database["size_bytes"]) == ("ad-1", 50_000_000)
    assert 0 < database["seconds"] <= plan["stop_seconds"]  # what else is to be done may take no time
    for secret in ("a-secret", "hello", "accepted@example.com", "user@example.com"):
        assert secret not in json.dumps(plan)


def test_an_app_with_nothing_has_a_plan_too(http: httpx.Client) -> None:
    answer = http.get(PATH.replace("rich-app", "bare-app"), params={"destination": DESTINATION})
    assert answer.status_code == 200, answer.text
    plan = answer.json()
    assert [each["kind"] for each in plan["copied"] if each["count"]] == ["app", "settings", "build"]
    assert (plan["databases"], plan["mentions"]) == ([], [])
    assert "name" not in [each["what"] for each in plan["changes"]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"destination": "nowhere"}, "destination"),
        ({"destination": SOURCE, "dst_app_name": "other"}, "destination"),
        ({}, "destination"),
        ({"destination": DESTINATION, "dst_app_name": "-No!"}, "dst_app_name"),
    ],
)
def test_bad_input_is_told_by_field(http: httpx.Client, query: dict[str, str], field: str) -> None:
    answer = asked(http, **query)
    assert (answer.status_code, answer.json()["errors"].keys()) == (422, {field})


def test_the_plan_is_its_owners_alone_and_needs_both_regions(stack: Stack, http: httpx.Client) -> None:
    with stack.client("stranger") as stranger:
        answer = asked(stranger, destination=DESTINATION)
        assert (answer.status_code, answer.json()["resource"]) == (404, "app")
    answer = asked(http, destination=DOWN)
    assert (answer.status_code, answer.json()["code"]) == (503, "region_unavailable")


def test_without_measurements_the_estimate_says_what_it_assumes() -> None:
    found = estimate({"ad-1": 100 * MEGABYTE, "ad-2": None}, [])
    # 10 s to stop, 10 s to start and 1 s to hand over; 1 s for each of three tasks, and their rates.
    assert found.databases == {"ad-1": 3 + 5 + 10 + 3, "ad-2": 3}
    assert found.stop_seconds == 21 + 21
    assert found.measured_from == 0
    assert len(found.assumed) == 7
    assert "restore-database takes 1 s and a second for each 10 MB: none was measured yet." in found.assumed


def test_what_was_measured_is_believed_and_large_tasks_tell_the_speed() -> None:
    measured = [
        Timing(name="restore-database", seconds=2, size_bytes=1000),
        Timing(name="restore-database", seconds=4, size_bytes=1000),
        Timing(name="restore-database", seconds=30, size_bytes=1000),
        Timing(name="restore-database", seconds=10, size_bytes=50 * MEGABYTE),
        *(
            Timing(name=name, seconds=1, size_bytes=0)
            for name in ("stop-source", "start-new-app", "hand-over")
        ),
        *(Timing(name=f"{name}-database", seconds=1, size_bytes=0) for name in ("back-up", "verify")),
    ]
    found = estimate({"ad-1": 0, "ad-2": 10 * MEGABYTE}, measured)
    assert found.databases == {"ad-1": 1 + 4 + 1, "ad-2": 9}  # 1.5 + (4 + 2) + 1.25, rounded up
    assert (found.stop_seconds, found.measured_from, found.assumed) == (3 + 9, 9, [])


def test_an_app_without_databases_stops_only_as_long_as_it_takes_to_start_the_other() -> None:
    assert estimate({}, []).stop_seconds == 21
