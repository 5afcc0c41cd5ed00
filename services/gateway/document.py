"""The OpenAPI document: what FastAPI knows of each call, and besides it what all calls have in common."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from services.common.document import Invalid, Missing, Refusal, answer, name_errors, show_examples, summarise
from services.gateway.examples import BODIES, ERRORS, PATHS

DESCRIPTION = (
    "One address for signing in, the list of regions, and each region's API under its name. Here is what the "
    "gateway answers itself; all other paths under a region's name are in the region's own document. Beside "
    "the statuses of each call there are 405 for a method that an address does not have, 408 for a request "
    "that takes too long to arrive, and 400 for what is no HTTP."
)

Responses = dict[int | str, dict[str, Any]]


class Unauthorized(BaseModel):
    """A sentence; there is but one thing to do about it."""

    error: str


_ERRORS: Mapping[int, tuple[type[BaseModel], str]] = {
    400: (Refusal, "Not plain JSON, or not possible in this state"),
    401: (Unauthorized, "No valid token"),
    403: (Refusal, "Not the caller's to do"),
    404: (Missing, "No such thing, or not the caller's to see"),
    413: (Refusal, "The body is too long"),
    422: (Invalid, "Invalid input"),
    429: (Refusal, "Too many requests"),
    503: (Refusal, "A part of storky, or the region, does not answer: ask again"),
}
_HEADERS = {429: {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}}}


def errors(*statuses: int) -> Responses:
    """Return the errors of a call, or of a router's calls, that cannot be told from its path and its body."""
    return {status: _error(status) for status in statuses}


class DocumentedApi(FastAPI):
    """An application whose document names the errors, and shows examples."""

    def openapi(self) -> dict[str, Any]:
        """Return the document."""
        if self.openapi_schema is None:
            _complete(super().openapi())
        return super().openapi()


def _complete(document: dict[str, Any]) -> None:
    name_errors(document, (model for model, _ in _ERRORS.values()))
    show_examples(document, BODIES)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            summarise(operation)
            _add_errors(path, method, operation)
            for parameter in operation.get("parameters", ()):
                parameter.update(PATHS.get(parameter["name"], {}) if parameter["in"] == "path" else {})


def _add_errors(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses.pop("422", None)  # FastAPI's own
    common = {str(status): _error(status) for status in _common(path, method, operation)}
    operation["responses"] = dict(sorted((common | responses).items()))


def _common(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[int]:
    has_body = "requestBody" in operation
    if has_body:
        yield 400
    if "security" in operation:
        yield 401
    if "{" in path:
        yield 404
    if method == "post":
        yield 413
    if has_body or any(_can_be_invalid(each) for each in operation.get("parameters", ())):
        yield 422
    yield from (429, 503)


def _can_be_invalid(parameter: Mapping[str, Any]) -> bool:
    return bool(parameter["schema"].keys() - {"type", "title", "default"}) or parameter["in"] == "query"


def _error(status: int) -> dict[str, Any]:
    model, description = _ERRORS[status]
    headers = {"headers": _HEADERS[status]} if status in _HEADERS else {}
    return answer(model, description, ERRORS[status]) | headers
