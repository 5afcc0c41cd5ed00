"""How the gateway says no: always one of the bodies that clients of the contract can read."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


class ApiError(Exception):
    """An answer that is not a success: a status of the contract with the body that belongs to it."""

    def __init__(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = headers


def refused(status: int, code: str, error: str) -> ApiError:
    """Return a 400, 403, 405, 500 or 503: a sentence for people and a stable word for programs."""
    return ApiError(status, {"error": error, "code": code})


def unauthorized(error: str) -> ApiError:
    """Return a 401."""
    return ApiError(401, {"error": error}, {"WWW-Authenticate": "Bearer"})


def not_found(resource: str, error: str) -> ApiError:
    """Return a 404 that names what was not found."""
    return ApiError(404, {"resource": resource, "error": error})


def invalid(field: str, message: str) -> ApiError:
    """Return a 422 about one field."""
    return ApiError(422, {"errors": {field: [message]}})


def install(app: FastAPI) -> None:
    """Make every failure of the app, foreseen or not, an answer in the contract's shape."""
    app.add_exception_handler(ApiError, _answer)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _no_such_route)
    app.add_exception_handler(Exception, _internal)


def respond(error: ApiError) -> JSONResponse:
    """Return the error as the response it stands for."""
    return JSONResponse(dict(error.body), error.status, headers=error.headers)


async def _answer(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    return respond(error)


async def _invalid_request(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = error.errors()
    if any(problem["type"] == "json_invalid" for problem in problems):
        return respond(refused(400, "malformed_json", "The body is not valid JSON."))
    fields: dict[str, list[str]] = {}
    for problem in problems:
        fields.setdefault(str(problem["loc"][-1]), []).append(problem["msg"])
    return respond(ApiError(422, {"errors": fields}))


async def _no_such_route(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:  # noqa: PLR2004 - the status itself
        return respond(not_found("path", f"There is nothing at {request.url.path}."))
    refusal = refused(error.status_code, "not_allowed", f"{error.detail}: {request.method} on this path.")
    refusal.headers = error.headers
    return respond(refusal)


async def _internal(_: Request, __: Exception) -> JSONResponse:
    # What it was is logged by the server, which gets the exception after this.
    return respond(refused(500, "internal", "The gateway failed; its log says why. Try again later."))
