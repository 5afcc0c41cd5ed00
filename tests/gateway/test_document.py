"""The gateway's OpenAPI document says what its calls take and answer, and they do."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.documents import JSON, Document, answers_hold, invalid_examples, operations
from tests.gateway.stack import SOURCE, Stack, api_token
from tests.gateway.test_migrations import WireClient, fresh

CONFIG = Path(__file__).with_name("schemathesis.toml")
SUCCESSES = {"200", "201", "204"}
EXCHANGE = "post /v1/tokens/exchange"


@pytest.fixture
def operator(stack: Stack) -> Iterator[httpx.Client]:
    with stack.client("operator") as client:
        yield client


@pytest.fixture
def document(operator: httpx.Client) -> Document:
    read: Document = operator.get("/openapi.json").raise_for_status().json()
    return read


def test_each_call_says_what_it_takes_and_answers(document: Document) -> None:
    known = dict(operations(document))
    assert len(known) > 25
    for name, operation in known.items():
        answers = operation["responses"].keys()
        assert operation["summary"] in operation["description"], name
        assert operation["security"] == [{"API token" if name == EXCHANGE else "token": []}], name
        assert len(answers & SUCCESSES) == 1, name
        assert {"401", "429", "503"} <= answers, name
        assert ("404" in answers) is ("{" in name), name
        assert ("413" in answers) is name.startswith("post "), name
        assert answers - SUCCESSES <= {"400", "401", "403", "404", "413", "422", "429", "503"}, name
        assert {"400", "422"} <= answers or "requestBody" not in operation, name
        for parameter in operation.get("parameters", ()):
            assert parameter["in"] != "path" or parameter["description"], (name, parameter)


def test_each_body_has_an_example_and_all_examples_are_valid(document: Document) -> None:
    schemas = document["components"]["schemas"]
    for name, operation in operations(document):
        for body in bodies(operation):
            reference = body.get("items", body)["$ref"]
            assert "examples" in schemas[reference.rpartition("/")[2]], (name, reference)
    assert invalid_examples(document) == []


def bodies(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the schema of each JSON body that a call takes or succeeds with."""
    successes = (answer for status, answer in operation["responses"].items() if status in SUCCESSES)
    for part in (operation.get("requestBody", {}), *successes):
        if JSON in part.get("content", {}):
            yield part["content"][JSON]["schema"]


def test_whatever_is_asked_the_answer_is_as_the_document_says(
    stack: Stack, operator: httpx.Client, tmp_path: Path
) -> None:
    user = {"user_id": "us-somebody", "username": "somebody", "email": "somebody@example.com"}
    token = operator.post("/v1/storky/tokens", json={"token": {**user, "role": "user"}}).json()["token"]
    webhook = {"name": "kept", "url": "https://hooks.example.com", "subscriptions": ["MigrationDone.#"]}
    operator.post("/v1/storky/webhooks", json={"webhook": webhook}).raise_for_status()
    variables = {
        "OPERATOR": operator.headers["Authorization"].removeprefix("Bearer "),
        "API_TOKEN": api_token("operator"),
        "MIGRATION": WireClient(operator, "my-app").create()["id"],
        "TOKEN": token["id"],
    }

    answers_hold(f"{stack.url}/openapi.json", CONFIG, tmp_path, variables)


def test_a_question_mark_at_the_end_changes_nothing(
    stack: Stack, operator: httpx.Client, document: Document
) -> None:
    app = fresh()
    values = {"region": SOURCE, "app": app, "migration_id": WireClient(operator, app).create()["id"]}
    asked = [name.split() for name, _ in operations(document) if name.startswith("get ")]
    for method, path in [*asked, ("delete", f"/{SOURCE}/v1/apps/{app}/domains/some-domain")]:
        target = path.format_map(defaultdict(lambda: "unknown", values))
        plain, marked = (answered(stack, operator, method, target + end) for end in ("", "?"))
        assert plain == marked, path
        assert plain in (200, 404, 422), path


def test_where_there_is_no_content_there_is_no_body(operator: httpx.Client) -> None:
    client = WireClient(operator, fresh())
    path = f"{client.path}/{client.create()['id']}/run"
    answer = operator.post(path, json={"step": "abort"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert not {"content-length", "transfer-encoding"} & answer.headers.keys()


def answered(stack: Stack, http: httpx.Client, method: str, target: str) -> int:
    """Return the status for a target that goes over the wire as it is, and read no more: one has no end."""
    with closing(HTTPConnection(urlsplit(stack.url).netloc, timeout=30)) as connection:
        connection.request(method.upper(), target, headers={"Authorization": http.headers["Authorization"]})
        return connection.getresponse().status
