"""The operator's commands about webhooks."""

import httpx
import pytest

from tests.cli.tool import Tool
from tests.gateway.stack import Stack, api_token
from tests.gateway.test_migrations import WireClient, fresh
from tests.gateway.test_webhooks import add, operator, receiver, until
from tests.webhooks.receiver import Receiver, status
from tests.webhooks.system import verify

__all__ = ["operator", "receiver"]

pytestmark = pytest.mark.usefixtures("webhooks", "operator")


@pytest.fixture
def webhook(stack: Stack) -> Tool:
    """The tool of an operator."""
    return Tool(stack, "", api_token("operator"))


def test_a_webhook_is_added_tested_listed_and_removed(webhook: Tool, receiver: Receiver) -> None:
    keys = ("--subscribe", "MigrationDone.#,MigrationCreated.#", "--subscribe", "MigrationDone.#")
    added = webhook("webhook", "add", "billing", "--url", receiver.url, *keys)
    assert added.lines[0] == "billing is told of MigrationDone.#, MigrationCreated.# at 127.0.0.1."
    secret = added.field("Secret")
    assert added.stderr == "Keep it now: it is not shown again.\n"
    tested = webhook("webhook", "test", "billing")
    (request,) = receiver.requests
    assert tested.stdout == f"The test {request.id} was delivered to billing.\n"
    assert verify(secret, request.headers, request.body)["type"] == "storky.WebhookTest"
    listed = webhook("webhook", "list")
    (line,) = [line for line in listed.lines if "billing" in line]
    assert all(word in line for word in ("127.0.0.1", "MigrationDone.#, MigrationCreated.#", "delivered"))
    assert secret not in listed.stdout
    assert webhook("webhook", "remove", "billing").stdout == "billing is told of nothing any more.\n"


def test_what_is_parked_is_listed_and_sent_again(
    stack: Stack, webhook: Tool, operator: httpx.Client, receiver: Receiver
) -> None:
    add(operator, url=receiver.url)
    receiver.otherwise = status(500)
    with stack.client() as owner:
        WireClient(owner, fresh()).create()
    until(operator, "parked", 1)
    parked = webhook("webhook", "parked", "billing").stdout
    assert all(word in parked for word in (receiver.ids[0], "MigrationCreated", "answered 500"))
    assert "say --all" in webhook("webhook", "resend", "billing", code=2).stderr
    receiver.otherwise = status(200)
    resent = webhook("webhook", "resend", "billing", "--all")
    assert resent.stdout == "1 deliveries are sent to billing again.\n"
    until(operator, "parked", 0)


def test_programs_get_one_json_object_and_an_exit_code(webhook: Tool, receiver: Receiver) -> None:
    added = webhook("--json", "webhook", "add", "billing", "--url", receiver.url, "--subscribe", "#").json
    assert added["webhook"]["secret"].startswith("whsec_")
    receiver.answers.append(status(410))
    failed = webhook("--json", "webhook", "test", "billing", code=1).json
    assert failed == {"ok": False, "error": "The test was not delivered to billing: answered 410."}
    (listed,) = webhook("--json", "webhook", "list").json["webhooks"]
    assert listed["paused_at"]
    assert "secret" not in listed


def test_what_is_no_webhook_is_refused_in_a_sentence(webhook: Tool) -> None:
    url = "https://10.0.0.1/secret"
    refused = webhook("webhook", "add", "billing", "--url", url, "--subscribe", "#", code=1)
    assert refused.stderr.startswith("storky: ")
    assert "10.0.0.1 is not a public address" in refused.stderr
