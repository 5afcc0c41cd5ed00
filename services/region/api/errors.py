"""Errors as clients of the public API expect them."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import asyncpg
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from services.region.machinery.front import FrontError
from services.region.state.database import UNREACHABLE


class ApiError(Exception):
    """An answer that is not a success; what the request did is undone."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


def refused(status: int, code: str, text: str) -> ApiError:
    """Return a 400, 401, 403, 413 or 503."""
    return ApiError(status, {"error": text, "code": code})


def missing(resource: str) -> ApiError:
    """Return a 404 for something that does not exist, or is not the caller's to see."""
    return ApiError(404, {"resource": resource, "error": f"no such {resource}"})


def invalid(field: str, text: str) -> ApiError:
    """Return a 422 for one field."""
    return ApiError(422, {"errors": {field: [text]}})


def fenced() -> ApiError:
    """Return the 403 of a call whose epoch is over."""
    return refused(403, "fenced", "a newer epoch of this migration has fenced this one")


def install(app: FastAPI) -> None:
    """Answer every failure in the shape of the public API."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(FrontError, _front_failing)
    for kind in UNREACHABLE:
        app.add_exception_handler(kind, _state_unreachable)
    app.add_exception_handler(asyncpg.CharacterNotInRepertoireError, _unstorable)
    app.add_exception_handler(asyncpg.DataError, _unstorable)


async def _api_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return JSONResponse(error.body, error.status)


async def _invalid_request(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = error.errors()
    if any(problem["type"] == "json_invalid" for problem in problems):
        return JSONResponse({"error": "the body is not JSON", "code": "malformed_json"}, 400)
    return JSONResponse({"errors": _by_field(problems)}, 422)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return JSONResponse({"resource": "path", "error": "no such path"}, 404)
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(request.app.methods_at(request.url.path))
    return JSONResponse({"error": error.detail, "code": code}, error.status_code, headers)


async def _front_failing(_request: Request, _error: Exception) -> Response:
    body = {"error": "it is done, but the front does not serve it yet; ask again", "code": "front_failing"}
    return JSONResponse(body, 503)


async def _state_unreachable(_request: Request, _error: Exception) -> Response:
    body = {"error": "the region's database does not answer; ask again", "code": "state_unreachable"}
    return JSONResponse(body, 503)


async def _unstorable(_request: Request, _error: Exception) -> Response:
    body = {"error": "the request holds a character that cannot be stored", "code": "bad_character"}
    return JSONResponse(body, 400)


def _by_field(problems: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for problem in problems:
        names = [part for part in problem["loc"][1:] if isinstance(part, str)]
        fields.setdefault(names[-1] if names else "body", []).append(
            problem["msg"].removeprefix("Value error, ")
        )
    return fields
