"""The operator's calls about webhooks. Who may make them is in test_rights."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from local.ports import free_port
from tests.gateway.stack import Process, Stack
from tests.gateway.test_migrations import WireClient, fresh
from tests.webhooks.receiver import Receiver, receiving, status
from tests.webhooks.system import verify

PATH = "/v1/storky/webhooks"
URL = "http://127.0.0.1:9/events?token=in-the-url"


@pytest.fixture
def operator(stack: Stack) -> Iterator[httpx.Client]:
    """The operator's client; nothing that it has added is left."""
    with stack.client("operator") as client:
        yield client
        for webhook in listed(client):
            client.post(f"{PATH}/{webhook}/remove", json={}).raise_for_status()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def wanted(**more: Any) -> dict[str, Any]:
    return {"webhook": {"name": "billing", "url": URL, "subscriptions": ["MigrationCreated.#"], **more}}


def add(operator: httpx.Client, **more: Any) -> dict[str, Any]:
    answer = operator.post(PATH, json=wanted(**more))
    assert answer.status_code == 200, answer.text
    added: dict[str, Any] = answer.json()["webhook"]
    return added


def listed(operator: httpx.Client) -> dict[str, dict[str, Any]]:
    return {webhook["name"]: webhook for webhook in operator.get(PATH).json()["webhooks"]}


def until(operator: httpx.Client, field: str, value: object) -> None:
    deadline = time.monotonic() + 30
    while listed(operator)["billing"][field] != value:
        assert time.monotonic() < deadline, listed(operator)
        time.sleep(0.05)


def test_the_secret_is_shown_once_and_the_url_never(stack: Stack, operator: httpx.Client) -> None:
    added = add(operator)
    secret = added.pop("secret")
    assert secret.startswith("whsec_")
    assert added == {
        "name": "billing",
        "host": "127.0.0.1",
        "subscriptions": ["MigrationCreated.#"],
        "created_at": added["created_at"],
        "paused_at": None,
        "delivered_at": None,
        "waiting": 0,
        "parked": 0,
        "problem": None,
    }
    changed = add(operator, subscriptions=["#"], url="http://127.0.0.2/")
    assert changed == {**added, "subscriptions": ["#"], "host": "127.0.0.2", "secret": None}
    renewed = add(operator, new_secret=True)["secret"]
    assert renewed not in {secret, None}
    later = operator.get(PATH).text + stack.processes["gateway"].log.read_text()
    for hidden in ("in-the-url", secret, renewed, "whsec_"):
        assert hidden not in later


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        *(("name", name, "pattern") for name in ("", "x", "Billing", "9to5", "a_b", "a" * 49, "trailing\n")),
        ("url", "ftp://127.0.0.1/", "must begin with https:// or http://"),
        ("url", "https://10.0.0.1/secret", "10.0.0.1 is not a public address"),
        ("url", "http://169.254.169.254/", "is not a public address"),
        ("url", "http://user:secret@hooks.example/", "no user, no password"),
        ("url", 7, "valid string"),
        ("subscriptions", [], "at least 1"),
        ("subscriptions", ["#"] * 101, "at most 100"),
        ("0", ["MigrationFinished.#"], "no event has a routing key"),
        ("0", ["Not a key"], "pattern"),
    ],
)
def test_what_is_no_webhook_is_refused_by_its_field(
    operator: httpx.Client, field: str, value: object, problem: str
) -> None:
    answer = operator.post(PATH, json=wanted(**{"subscriptions" if field == "0" else field: value}))
    assert answer.status_code == 422
    ((named, (text,)),) = answer.json()["errors"].items()
    assert (named, problem in text) == (field, True), answer.text
    assert "secret" not in answer.text
    assert listed(operator) == {}


def test_a_test_is_sent_once_and_told_as_it_went(
    operator: httpx.Client, webhooks: Process, receiver: Receiver
) -> None:
    secret = add(operator, url=receiver.url)["secret"]
    trial = operator.post(f"{PATH}/billing/test", json={}).json()["test"]
    (request,) = receiver.requests
    event = verify(secret, request.headers, request.body)
    assert trial == {"id": request.id, "problem": None}
    assert (event["type"], event["data"]) == ("storky.WebhookTest", {"webhook": "billing"})
    receiver.answers.append(status(500))
    trial = operator.post(f"{PATH}/billing/test", json={}).json()["test"]
    assert trial == {"id": receiver.requests[1].id, "problem": "answered 500"}
    add(operator, url=f"http://127.0.0.1:{free_port()}/")
    assert operator.post(f"{PATH}/billing/test", json={}).json()["test"]["problem"] == "no connection"
    assert (listed(operator)["billing"]["waiting"], len(receiver.requests)) == (0, 2)
    assert "in-the-url" not in webhooks.log.read_text()


@pytest.mark.usefixtures("webhooks")
def test_one_that_has_said_it_is_gone_is_paused_until_it_is_added_again(
    operator: httpx.Client, receiver: Receiver
) -> None:
    add(operator, url=receiver.url)
    receiver.answers.append(status(410))
    test = f"{PATH}/billing/test"
    assert operator.post(test, json={}).json()["test"]["problem"] == "answered 410"
    assert listed(operator)["billing"]["paused_at"]
    answer = operator.post(test, json={})
    assert (answer.status_code, answer.json()["code"]) == (400, "paused")
    assert add(operator, url=receiver.url)["paused_at"] is None
    assert operator.post(test, json={}).json()["test"]["problem"] is None


@pytest.mark.usefixtures("webhooks")
def test_a_migration_is_told_of_parked_listed_and_sent_again(
    operator: httpx.Client, http: httpx.Client, receiver: Receiver
) -> None:
    secret = add(operator, url=receiver.url)["secret"]
    receiver.otherwise = status(500)
    migration = WireClient(http, fresh()).create()["id"]
    until(operator, "parked", 1)
    parked = operator.get(f"{PATH}/billing/parked").json()
    (delivery,) = parked["deliveries"]
    assert (delivery["type"], delivery["problem"]) == ("MigrationCreated", "answered 500")
    assert parked["meta"]["pagination"]["total_count"] == 1
    assert operator.get(f"{PATH}/billing/parked?page=2").json()["deliveries"] == []
    receiver.otherwise = status(200)
    resend = f"{PATH}/billing/resend"
    missing = operator.post(resend, json={"id": str(uuid4())})
    assert (missing.status_code, missing.json()["resource"]) == (404, "delivery")
    assert operator.post(resend, json={"id": delivery["id"]}).json() == {"resent": 1}
    until(operator, "parked", 0)
    until(operator, "waiting", 0)
    last = receiver.requests[-1]
    event = verify(secret, last.headers, last.body)
    assert (event["id"], event["data"]["migration_id"]) == (delivery["id"], migration)
    assert operator.post(resend, json={}).json() == {"resent": 0}
    assert operator.post(resend, json={"id": "none"}).json()["errors"].keys() == {"id"}


def test_one_that_is_removed_is_not_there(operator: httpx.Client) -> None:
    add(operator)
    assert operator.post(f"{PATH}/billing/remove", json={}).json()["webhook"]["name"] == "billing"
    answer = operator.post(f"{PATH}/billing/remove", json={})
    assert (answer.status_code, answer.json().keys()) == (404, {"resource", "error"})
