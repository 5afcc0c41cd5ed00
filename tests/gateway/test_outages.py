"""What a client sees while a part of storky is away."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest

from local.ports import free_port
from tests.gateway.stack import SOURCE, Process, Stack
from tests.gateway.test_migrations import WireClient, fresh


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


@pytest.mark.parametrize(
    ("setting", "code"),
    [("STORKY_DATABASE_URL", "database_unavailable"), ("STORKY_AMQP_URLS", "broker_unavailable")],
)
def test_without_its_servers_the_gateway_says_so_promptly(stack: Stack, setting: str, code: str) -> None:
    gateway = stack.processes["gateway"]
    port = free_port()
    away = {
        "STORKY_DATABASE_URL": f"postgresql://nobody:a-secret@127.0.0.1:{free_port()}/nothing",
        "STORKY_AMQP_URLS": json.dumps([f"amqp://nobody:a-secret@127.0.0.1:{free_port()}/nothing"]),
    }
    environment = gateway.environment | {"STORKY_LISTEN": f"127.0.0.1:{port}", setting: away[setting]}
    cut_off = Process("gateway", environment, gateway.directory / code)
    cut_off.directory.mkdir()
    cut_off.start()
    try:
        with replace(stack, url=f"http://127.0.0.1:{port}").client() as http:
            assert http.get(f"/{SOURCE}/v1/apps/app-1").status_code == 200
            started = time.monotonic()
            body = {"migration": {"destination": "osc-fr1", "dst_app_name": ""}}
            answer = http.post(f"/{SOURCE}/v1/apps/{fresh()}/region_migrations", json=body)
            assert (answer.status_code, answer.json().keys()) == (503, {"error", "code"})
            assert (answer.json()["code"], time.monotonic() - started < 10) == (code, True)
    finally:
        cut_off.stop()
    assert "a-secret" not in cut_off.log.read_text()
