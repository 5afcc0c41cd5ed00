"""The region's OpenAPI document says what its calls answer."""

import re
from collections.abc import AsyncIterator
from contextlib import closing
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from anyio import to_thread

from services.region.rules.notifications import platform_id
from tests.documents import JSON, Document, answers_hold, invalid_examples, operations
from tests.region.harness import Client, Place, deploy, new_app, site, token

pytestmark = pytest.mark.anyio

CONFIG, HOOKS = (Path(__file__).with_name(name) for name in ("schemathesis.toml", "schemathesis_hooks.py"))
SUCCESSES = {"200", "201", "202", "204"}
# What is added to the app, by the variable that has its id.
ADDED: dict[str, tuple[str, dict[str, Any]]] = {
    "ADDON": ("addons", {"addon_provider_id": "postgresql", "plan_id": "postgresql-sandbox"}),
    "ALERT": ("alerts", {"container_type": "web", "metric": "cpu", "limit": 0.9}),
    "AUTOSCALER": (
        "autoscalers",
        {"container_type": "web", "metric": "cpu", "target": 0.7, "min_containers": 1, "max_containers": 2},
    ),
    "COLLABORATOR": ("collaborators", {"email": "bob@example.com"}),
    "DOMAIN": ("domains", {"name": "shop.my-app.example"}),
    "NOTIFIER": (
        "notifiers",
        {
            "platform_id": platform_id("osc-fr1", "webhook"),
            "type_data": {"webhook_url": "https://hooks.example.com"},
        },
    ),
    "VARIABLE": ("variables", {"name": "COLOUR", "value": "red"}),
}


@pytest.fixture
async def document(ada: Client) -> Document:
    read: Document = (await ada.get("/openapi.json")).json()
    return read


@pytest.fixture
async def made(ada: Client) -> AsyncIterator[dict[str, str]]:
    """The ids, by the variables of schemathesis.toml, of an app that runs and of one of everything in it."""
    app, moving = await new_app(ada), await new_app(ada)
    ids = {"APP": app, "MOVING_APP": moving, "DEPLOYMENT": (await deploy(ada, app, site()))["id"]}
    for variable, (kind, values) in ADDED.items():
        answer = await ada.post(f"/v1/apps/{app}/{kind}", json={kind.removesuffix("s"): values})
        ids[variable] = answer.raise_for_status().json()[kind.removesuffix("s")]["id"]
    answer = await ada.post(f"/v1/apps/{app}/addons/{ids['ADDON']}/token", json={})
    yield {**ids, "ADDON_TOKEN": answer.json()["addon"]["token"]}
    await ada.delete(f"/v1/apps/{app}?current_name={app}")


async def test_each_call_says_what_it_answers(document: Document) -> None:
    known = dict(operations(document))

    assert len(known) > 90
    schemas = document["components"]["schemas"]
    assert not {"HTTPValidationError", "ValidationError"} & schemas.keys()
    for name, operation in known.items():
        [(status, success)] = [each for each in operation["responses"].items() if each[0] in SUCCESSES]
        assert operation["summary"] in operation["description"], name
        if " /files/" in name or name.endswith("/output"):
            assert "application/json" not in success.get("content", {}), name
        else:
            assert ("content" in success) is (status != "204"), name
        if "content" in success and "application/json" in success["content"]:
            schema = success["content"]["application/json"]["schema"]
            assert schemas[schema["$ref"].rpartition("/")[2]]["properties"], name
        if not name.startswith("get") and " /files/" not in name:
            assert {"400", "401", "403", "422", "503"} <= operation["responses"].keys(), name
            assert operation["security"], name
    statuses = {name: min(operation["responses"]) for name, operation in known.items()}
    assert statuses["post /v1/apps/{app}/scale"] == "202"
    assert statuses["post /api/databases/{database}/backups"] == "201"
    freeze = known["post /v1/apps/{app}/freeze"]
    assert [each["name"] for each in freeze["parameters"] if each["required"]] == [
        "app",
        "Storky-Migration",
        "Storky-Epoch",
        "Idempotency-Key",
    ]
    assert "security" not in known["get /v1/event_types"]


async def test_each_body_that_is_sent_has_an_example_and_all_examples_are_valid(document: Document) -> None:
    schemas = document["components"]["schemas"]
    for name, operation in operations(document):
        if JSON in (content := operation.get("requestBody", {}).get("content", {})):
            reference = content[JSON]["schema"]["$ref"]
            assert "examples" in schemas[reference.rpartition("/")[2]], (name, reference)
    assert invalid_examples(document) == []


async def test_whatever_is_asked_the_answer_is_as_the_document_says(
    place: Place, made: dict[str, str], tmp_path: Path
) -> None:
    callers = {"OWNER": token("ada"), "SERVICE": place.credential, "HOOKS": str(HOOKS)}

    ask = partial(answers_hold, f"{place.api}/openapi.json", CONFIG, tmp_path, {**made, **callers})
    await to_thread.run_sync(ask)


async def test_a_question_mark_at_the_end_changes_nothing(
    place: Place, ada: Client, document: Document
) -> None:
    asked = [name.split() for name, _ in operations(document) if name.startswith(("get", "delete"))]
    assert len(asked) > 50
    for method, path in asked:
        target = re.sub(r"\{\w+\}", "unknown", path)
        plain, marked = (answered(place, ada, method, target + end)[0] for end in ("", "?"))
        assert plain == marked, path


async def test_where_there_is_no_content_there_is_no_body(place: Place, ada: Client) -> None:
    app = await new_app(ada)
    status, headers, body = answered(place, ada, "delete", f"/v1/apps/{app}?current_name={app}")
    assert (status, body) == (204, b"")
    assert not {"content-length", "transfer-encoding"} & headers


def answered(place: Place, http: Client, method: str, target: str) -> tuple[int, set[str], bytes]:
    """Return status, headers and body for a target that goes over the wire as it is."""
    with closing(HTTPConnection(urlsplit(place.api).netloc, timeout=30)) as connection:
        connection.request(method.upper(), target, headers={"Authorization": http.headers["Authorization"]})
        answer = connection.getresponse()
        return answer.status, {name.lower() for name in answer.headers}, answer.read()
