"""The OpenAPI document: what FastAPI knows of each call, and besides it what all calls have in common."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.routing import compile_path

from services.common.document import (
    CHANGING,
    Invalid,
    Missing,
    Refusal,
    answer,
    name_errors,
    show_examples,
    summarise,
)
from services.region.api.access import ADDON_TOKEN, TOKEN
from services.region.api.calls import HIGHEST_EPOCH, LONGEST_KEY
from services.region.api.examples import BODIES

# The tag of what the public API does not offer: storky's own calls.
MIGRATIONS = "migrations"

# Who calls the parts of the API that ask for a token; a signed link needs none.
_SCHEMES = {"v1": TOKEN, "api": ADDON_TOKEN}

_ERRORS: Mapping[int, tuple[type[BaseModel], str]] = {
    400: (Refusal, "Not JSON, a character that cannot be stored, or a service call's headers are wrong"),
    401: (Refusal, "No valid bearer token"),
    403: (Refusal, "Not the caller's to do, or the app is frozen by a migration"),
    404: (Missing, "No such thing, or not the caller's to see"),
    413: (Refusal, "The body is too long"),
    422: (Invalid, "Invalid input"),
    503: (Refusal, "Ask again"),
}

# What storky sends with all that it changes, also by the public calls.
_HEADERS = tuple(
    {"name": name, "in": "header", "required": True, "schema": schema}
    for name, schema in (
        ("Storky-Migration", {"type": "string", "format": "uuid"}),
        ("Storky-Epoch", {"type": "integer", "minimum": 1, "maximum": HIGHEST_EPOCH}),
        ("Idempotency-Key", {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY}),
    )
)


class DocumentedApi(FastAPI):
    """An application whose document names the errors and the headers of service calls too."""

    def openapi(self) -> dict[str, Any]:
        """Return the document."""
        if self.openapi_schema is None:
            _complete(super().openapi())
        return super().openapi()

    def methods_at(self, path: str) -> list[str]:
        """Return the methods of the calls that have this path."""
        paths: Mapping[str, Mapping[str, object]] = self.openapi()["paths"]
        matching = [operations for template, operations in paths.items() if _matches(template, path)]
        return sorted({method.upper() for operations in matching for method in operations})


def _matches(template: str, path: str) -> bool:
    return compile_path(template)[0].match(path) is not None


def _complete(document: dict[str, Any]) -> None:
    name_errors(document, {model for model, _ in _ERRORS.values()})
    show_examples(document, BODIES)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            summarise(operation)
            if method in CHANGING and (scheme := _SCHEMES.get(_api(path))):
                operation.setdefault("security", [{scheme: []}])
            errors = {str(status): answer(*_ERRORS[status]) for status in _errors(path, method, operation)}
            operation["responses"].pop("422", None)
            operation["responses"].update(errors)
            if method in CHANGING and _is_storkys(operation):
                operation.setdefault("parameters", []).extend(_HEADERS)


def _errors(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[int]:
    changing = method in CHANGING
    if changing or "parameters" in operation:
        yield 400
    if "security" in operation:
        yield 401
    if changing or _is_storkys(operation) or _api(path) != "v1":
        yield 403
    if "{" in path:
        yield 404
    if changing:
        yield 413
    if changing or "422" in operation["responses"]:
        yield 422
    yield 503


def _api(path: str) -> str:
    return path.split("/")[1]


def _is_storkys(operation: Mapping[str, Any]) -> bool:
    return MIGRATIONS in operation.get("tags", ())
