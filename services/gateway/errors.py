"""How the gateway says no: always one of the bodies that clients of the contract can read."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

# What a line of the log keeps of a path: names and ids. Anything else may be an address or a secret, and what
# begins as API tokens do is one.
_PLAIN = re.compile(r"(?!tk-)[A-Za-z0-9._-]{0,48}")
GONE = 499  # what proxies call a client that did not wait for its answer
_LONGEST = 12  # parts of a path
log = structlog.get_logger()


class ApiError(Exception):
    """An answer that is not a success: a status of the contract with the body that belongs to it."""

    def __init__(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = headers

    @property
    def told(self) -> dict[str, Any]:
        """What a log line may hold of it: the stable words, never a value that was sent."""
        words = {key: self.body[key] for key in ("code", "resource") if key in self.body}
        return words | ({"fields": sorted(self.body["errors"])} if "errors" in self.body else {})


def refused(status: int, code: str, error: str) -> ApiError:
    """Return a 400, 403, 405, 500 or 503: a sentence for people and a stable word for programs."""
    return ApiError(status, {"error": error, "code": code})


def unauthorized(error: str) -> ApiError:
    """Return a 401."""
    return ApiError(401, {"error": error}, {"WWW-Authenticate": "Bearer"})


def not_found(resource: str, error: str) -> ApiError:
    """Return a 404 that names what was not found."""
    return ApiError(404, {"resource": resource, "error": error})


def method_not_allowed(method: str, allowed: Iterable[str]) -> ApiError:
    """Return the 405 for a path of ours that is asked in another way."""
    methods = ", ".join(sorted(allowed))
    body = {"error": f"{method} is not allowed here; there is {methods}.", "code": "not_allowed"}
    return ApiError(405, body, {"Allow": methods})


def too_many(seconds: int) -> ApiError:
    """Return a 429; `seconds` is when to come back."""
    body = {"error": f"Too many requests; come back in {seconds} s.", "code": "too_many_requests"}
    return ApiError(429, body, {"Retry-After": str(seconds)})


def invalid(field: str, message: str) -> ApiError:
    """Return a 422 about one field."""
    return ApiError(422, {"errors": {field: [message]}})


def install(app: FastAPI) -> None:
    """Make every failure of the app, foreseen or not, an answer in the contract's shape."""
    app.add_exception_handler(ApiError, _answer)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _no_such_route)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _internal)


def respond(request: Request, error: ApiError) -> JSONResponse:
    """Return the error as the response it stands for, and record it."""
    record(request, error)
    return JSONResponse(dict(error.body), error.status, headers=error.headers)


def record(request: Request, error: ApiError) -> None:
    """Write a refusal to the log: most never become a command."""
    path = loggable(request.url.path)
    log.info(
        "refused", action="http.refused", method=request.method, path=path, status=error.status, **error.told
    )


def loggable(path: str) -> str:
    """Return a path with a * for each part that may be more than a name or an id."""
    parts = path.split("/")[:_LONGEST]
    return "/".join(part if _PLAIN.fullmatch(part) else "*" for part in parts)


async def _answer(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    return respond(request, error)


async def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = error.errors()
    if any(problem["type"] == "json_invalid" for problem in problems):
        return respond(request, refused(400, "malformed_json", "The body is not valid JSON."))
    fields: dict[str, list[str]] = {}
    for problem in problems:
        fields.setdefault(str(problem["loc"][-1]), []).append(problem["msg"])
    return respond(request, ApiError(422, {"errors": fields}))


async def _no_such_route(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:  # noqa: PLR2004 - the status itself
        return respond(request, not_found("path", f"There is nothing at {request.url.path}."))
    refusal = refused(error.status_code, "not_allowed", f"{error.detail}: {request.method} on this path.")
    refusal.headers = error.headers
    return respond(request, refusal)


async def _gone(_request: Request, _error: Exception) -> Response:
    return Response(status_code=GONE)  # nobody reads it


async def _internal(request: Request, _: Exception) -> JSONResponse:
    # What it was is logged by the server, which gets the exception after this.
    return respond(
        request, refused(500, "internal", "The gateway failed; its log says why. Try again later.")
    )
