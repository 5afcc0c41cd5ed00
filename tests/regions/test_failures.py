"""How a region's refusals become errors: without a word of the region's own text."""

from typing import Any

import httpx
import pytest

from regions.errors import FencedError, NotFoundError, RefusedError, RegionError, RegionUnavailableError
from regions.model import Operation
from regions.transport import failure

SECRET = "password=hunter2"


def answer(status: int, body: Any = None) -> RegionError:
    return failure("osc-fr1", httpx.Response(status, json=body))


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (401, {"error": SECRET}, RefusedError, "credential_refused"),
        (400, {"error": SECRET, "code": "headers_missing"}, RefusedError, "headers_missing"),
        (403, {"error": SECRET, "code": "fenced"}, FencedError, "fenced"),
        (403, {"error": SECRET, "code": "app_migrating"}, RefusedError, "app_migrating"),
        (403, {"error": SECRET, "code": SECRET}, RefusedError, "refused"),
        (404, {"error": SECRET, "resource": "app"}, NotFoundError, "not_found"),
        (422, {"errors": {"name": [SECRET]}}, RefusedError, "refused"),
        (302, None, RefusedError, "refused"),
        (429, {"error": SECRET}, RegionUnavailableError, "region_busy"),
        (503, {"error": SECRET, "code": "deployment_running"}, RegionUnavailableError, "deployment_running"),
        (500, {"error": SECRET}, RegionUnavailableError, "region_failing"),
    ],
)
def test_an_answer_that_is_no_success(status: int, body: Any, kind: type[RegionError], code: str) -> None:
    error = answer(status, body)

    assert (type(error), error.code, error.params["region"]) == (kind, code, "osc-fr1")
    assert SECRET not in str(error)


@pytest.mark.parametrize("content", [b"", b"<html>nginx</html>", b"[1]", b'{"code": 7, "errors": []}'])
def test_an_answer_that_is_no_json_object_is_a_failure_all_the_same(content: bytes) -> None:
    assert failure("osc-fr1", httpx.Response(422, content=content)).code == "refused"


def test_the_names_of_refused_fields_are_kept_and_nothing_else() -> None:
    error = answer(422, {"errors": {"name": [SECRET], "plan_id": ["x"], SECRET: ["y"]}})

    assert error.params == {"region": "osc-fr1", "fields": "name, plan_id"}


def test_the_resource_that_is_missing_is_named_if_it_is_a_word() -> None:
    assert answer(404, {"resource": "app"}).params["resource"] == "app"
    assert answer(404, {"resource": SECRET}).params["resource"] == "resource"


@pytest.mark.parametrize(
    ("code", "kept"), [("app_unhealthy", "app_unhealthy"), ("row (ada@example.com) is bad", None), ("", None)]
)
def test_the_code_of_an_operation_is_a_word_or_nothing(code: str, kept: str | None) -> None:
    answer = {"id": "op-1", "status": "error", "type": "restore", "code": code}
    assert Operation.model_validate(answer).code == kept
