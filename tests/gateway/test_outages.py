"""What a client sees while a part of storky is away."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx

from local.ports import free_port
from tests.gateway.stack import SOURCE, Process, Stack, api_token
from tests.gateway.test_migrations import WireClient, fresh

BODY = {"migration": {"destination": "osc-fr1", "dst_app_name": ""}}


@contextmanager
def without(process: Process) -> Iterator[None]:
    process.stop()
    try:
        yield
    finally:
        process.start()


def test_an_answer_waits_until_what_it_tells_can_be_read(stack: Stack, http: httpx.Client) -> None:
    client = WireClient(http, fresh())
    with ThreadPoolExecutor() as pool:
        with without(stack.processes["projector"]):
            creating = pool.submit(client.create)
            time.sleep(0.5)
            assert not creating.done()
        migration = creating.result(60)
    assert client.show(migration["id"]) == migration


def test_a_command_that_is_not_answered_is_sent_again_and_takes_effect_once(
    stack: Stack, http: httpx.Client
) -> None:
    client = WireClient(http, fresh())
    with ThreadPoolExecutor() as pool:
        with without(stack.processes["migrations"]):
            creating = pool.submit(client.create)
            time.sleep(3.5)  # longer than the gateway waits for the first reply
        migration = creating.result(60)
    assert [shown["id"] for shown in http.get(f"{client.path}?").json()] == [migration["id"]]


AWAY = {
    "STORKY_DATABASE_URL": f"postgresql://nobody:a-secret@127.0.0.1:{free_port()}/nothing",
    "STORKY_AMQP_URLS": json.dumps([f"amqp://nobody:a-secret@127.0.0.1:{free_port()}/nothing"]),
}


@contextmanager
def cut_off(stack: Stack, setting: str) -> Iterator[tuple[str, Process]]:
    """Run a second gateway that does not reach one of its servers; yields its address too."""
    gateway, port = stack.processes["gateway"], free_port()
    environment = gateway.environment | {"STORKY_LISTEN": f"127.0.0.1:{port}", setting: AWAY[setting]}
    process = Process("gateway", environment, gateway.directory / setting)
    process.directory.mkdir()
    process.start()
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.stop()
    assert "a-secret" not in process.log.read_text()


def test_without_the_database_nobody_is_let_in_and_told_so_promptly(stack: Stack, http: httpx.Client) -> None:
    with cut_off(stack, "STORKY_DATABASE_URL") as (url, _):
        started = time.monotonic()
        for method, path in (
            ("GET", f"{SOURCE}/v1/apps/app-1"),
            ("POST", f"{SOURCE}/v1/apps/{fresh()}/region_migrations"),
        ):
            answer = http.request(method, f"{url}/{path}", json=BODY)
            assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
        answer = httpx.post(f"{url}/v1/tokens/exchange", auth=("", api_token("owner")), json={})
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
        assert time.monotonic() - started < 10


def test_without_the_broker_commands_are_refused_promptly_and_the_rest_goes_on(
    stack: Stack, http: httpx.Client
) -> None:
    with cut_off(stack, "STORKY_AMQP_URLS") as (url, process), stack.client("auditor") as auditor:
        assert http.get(f"{url}/{SOURCE}/v1/apps/app-1").status_code == 200
        path, started = f"{url}/{SOURCE}/v1/apps/{fresh()}/region_migrations", time.monotonic()
        answer = auditor.post(path, json=BODY)
        assert (answer.status_code, answer.json()["code"]) == (403, "read_only")
        assert '"action": "refusal.lost"' in process.log.read_text()
        answer = http.post(path, json=BODY)
        assert (answer.status_code, answer.json().keys()) == (503, {"error", "code"})
        assert (answer.json()["code"], time.monotonic() - started < 15) == ("broker_unavailable", True)
