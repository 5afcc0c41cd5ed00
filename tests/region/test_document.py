"""The region's OpenAPI document says what its calls answer."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.region.harness import Client, Place

pytestmark = pytest.mark.anyio

SUCCESSES = {"200", "201", "202", "204"}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


async def test_each_call_says_what_it_answers(place: Place, ada: Client) -> None:
    document = (await ada.get("/openapi.json")).json()
    known = dict(operations(document))

    assert len(known) > 90
    schemas = document["components"]["schemas"]
    assert not {"HTTPValidationError", "ValidationError"} & schemas.keys()
    for name, operation in known.items():
        [(status, success)] = [each for each in operation["responses"].items() if each[0] in SUCCESSES]
        assert operation["description"], name
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
