"""The operator's commands about read models and about the whole system, on real servers."""

import json
import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import anyio
import asyncpg
import pytest

from events.bus import Outgoing, connect
from events.bus.topology import PARKED
from local.services import SERVICES
from services.cli.errors import CliError, UnavailableError
from services.cli.projections import list_projections, rebuild_projection, resume_projection
from services.cli.status import show_status
from tests.bus.conftest import USERS, Broker
from tests.servers import Node

FAULT = """
INSERT INTO projections.faults (subscription, position, event_id, event_type, error)
VALUES ('status', 7, '8e624121-2ce3-4b01-9bf4-d5e2b32df7e9', 'StepStarted', 'ValueError')
"""
EVENT = """
INSERT INTO events
VALUES (1, 'a', 1, gen_random_uuid(), 'T', 1, '{}', '{}', now() - interval '10 minutes', sha256(''))
"""
CHECKPOINTS = "INSERT INTO checkpoints VALUES ('status', 0, now()), ('status/2', 0, now())"
WEBHOOKS = """
INSERT INTO webhooks.endpoints (name, host, sealed_url, sealed_secret, subscriptions, since, paused_at)
SELECT name, 'host', '', '', '{}', 0, CASE name WHEN 'gone' THEN now() END
FROM unnest(ARRAY['gone', 'refusing', 'well']) AS names (name);
INSERT INTO webhooks.deliveries (endpoint, id, position, type, body, attempts, problem, parked_at)
VALUES ('refusing', gen_random_uuid(), 1, 'T', '', 9, 'answered 500', now()),
       ('refusing', gen_random_uuid(), 2, 'T', '', 1, 'answered 500', NULL)
"""
NAMES = [service.name for service in SERVICES]


@pytest.fixture
def system(installed_url: str, rabbitmq: Node, vhost: str, tmp_path: Path) -> Path:
    """The folder of a system with this process for each of its services."""
    broker = Broker(rabbitmq, vhost)
    anyio.run(broker.install)
    admin = rabbitmq.amqp_url(rabbitmq.admin_user, rabbitmq.admin_password, vhost)
    written = {
        "database": installed_url,
        "archive": str(tmp_path),
        "amqp": [admin],
        "amqp_management": rabbitmq.management_url,
        "processes": {name: [os.getpid()] for name in NAMES},
    }
    (tmp_path / "endpoints.json").write_text(json.dumps(written))
    secrets = {"broker/storky-operator": USERS["storky-operator"]}
    (tmp_path / "secrets.json").write_text(json.dumps(secrets))
    return tmp_path


def execute(system: Path, statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(json.loads((system / "endpoints.json").read_text())["database"])
        await connection.execute(statements)
        await connection.close()

    anyio.run(run)


def status(system: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    well = show_status(system, as_json=True)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert well == found["ok"] == (not found["problems"])
    return found


def test_what_is_wrong_is_told_until_it_is_put_right(
    system: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(system, capsys)["problems"] == [
        "status: version 1 is live, this release has version 2.",
        "timers: version 1 is live, this release has version 2.",
    ]
    for name in ("status", "timers"):
        rebuild_projection(system, name, as_json=False)
    assert "status was built anew; its rows are live." in capsys.readouterr().out
    assert show_status(system, as_json=False)
    assert capsys.readouterr().out.splitlines()[-2:] == ["parked: 0", "All is well."]

    execute(system, FAULT)
    (problem,) = status(system, capsys)["problems"]
    assert problem == (
        "status, stopped by ValueError at 7 (StepStarted, event 8e624121-2ce3-4b01-9bf4-d5e2b32df7e9): "
        "mend its code, then restart the projector or type `storky projections resume status`."
    )
    resume_projection(system, "status", as_json=True)
    with pytest.raises(CliError, match="status has not stopped"):
        resume_projection(system, "status", as_json=True)
    assert status(system, capsys)["problems"] == []

    execute(system, EVENT)
    late = status(system, capsys)["problems"]
    assert [problem.partition(",")[0] for problem in late] == [
        "status is 1 events behind",
        "timers is 1 events behind",
    ]
    assert late[0].endswith("the first for 10 min 0 s.")


def test_a_service_that_is_down_what_is_parked_or_paused_and_silent_servers_are_problems(
    system: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("status", "timers"):
        rebuild_projection(system, name, as_json=True)
    file = system / "endpoints.json"
    written = json.loads(file.read_text())
    anyio.run(park, written["amqp"])
    execute(system, WEBHOOKS)
    file.write_text(json.dumps({**written, "processes": {**written["processes"], "relay": [2**22 + 1]}}))
    found = status(system, capsys)
    assert found["services"] == {name: name != "relay" for name in NAMES}
    assert found["problems"] == [
        "relay is down.",
        "The webhook gone is paused, as it has answered 410: add it again, or remove it.",
        "1 deliveries to the webhook refusing are parked: `storky webhook parked refusing` says why.",
        "1 messages are parked: `storky parked list` says why.",
    ]
    assert [webhook["name"] for webhook in found["webhooks"]] == ["gone", "refusing", "well"]
    assert not show_status(system, as_json=False)
    told = capsys.readouterr().out
    assert "webhook refusing: 1 waiting, 1 parked, failing: answered 500\n" in told
    assert "webhook well: 0 waiting, 0 parked, nothing delivered yet\n" in told
    silent = {"database": "postgresql://nobody@127.0.0.1:1/", "amqp": ["amqp://127.0.0.1:1/"]}
    file.write_text(json.dumps({**written, **silent}))
    monkeypatch.setattr("events.bus.parking.CALL_SECONDS", 0.5)
    assert status(system, capsys)["problems"] == [
        "The database does not answer.",
        "The broker does not answer.",
    ]
    with pytest.raises(UnavailableError, match="The database did not do it"):
        list_projections(system, as_json=False)


async def park(urls: list[str]) -> None:
    async with connect(urls, "tests") as bus:
        await bus.publish(Outgoing(PARKED, "storky.tasks.apps", b"{}", uuid4()))


def test_the_list_shows_what_is_live_and_what_is_being_built(
    system: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for statement in (
        EVENT,
        CHECKPOINTS,
        "UPDATE projections.installed SET building = 2 WHERE name = 'status'",
    ):
        execute(system, statement)
    list_projections(system, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "status  version 1, build 1  1 events behind",
        "status/2  version 2, being built  1 events behind",
        "timers  version 1, build 1",
    ]
    list_projections(system, as_json=True)
    (first, _) = json.loads(capsys.readouterr().out)["projections"]
    assert (first["version"], first["live_version"], first["building"]) == (2, 1, 2)
    assert [each["name"] for each in first["subscriptions"]] == ["status", "status/2"]
    with pytest.raises(CliError, match="There is no projection nobody; there are status, timers"):
        rebuild_projection(system, "nobody", as_json=False)
