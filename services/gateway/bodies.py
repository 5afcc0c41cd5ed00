"""The gateway's own calls take small bodies; what is handed through to a region is bounded there."""

import json
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import Request, Response
from fastapi.routing import APIRoute

from services.common.bodies import BodyTooLongError, with_whole_body
from services.gateway.errors import refused

LARGEST = 64 * 1024  # bytes


class SmallBodyRoute(APIRoute):
    """A route that reads no more of a body than it may have, 413 for a longer one, and only plain JSON."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler behind the limit."""
        handle = super().get_route_handler()

        async def limited(request: Request) -> Response:
            whole = await _with_body(request)
            return await handle(_PlainJsonRequest(whole.scope, whole.receive))

        return limited


class _PlainJsonRequest(Request):
    async def json(self) -> Any:
        """Return the body's value; raises JSONDecodeError for all that parsers do not read the same way."""
        body = await self.body()
        try:
            return json.loads(body.decode(), object_pairs_hook=_object, parse_constant=_no_constant)
        except (ValueError, RecursionError):  # not UTF-8, a number without an end, or nested without an end
            raise json.JSONDecodeError("not plain JSON", "", 0) from None


async def _with_body(request: Request) -> Request:
    try:
        return await with_whole_body(request, LARGEST)
    except BodyTooLongError:
        raise refused(413, "too_large", f"A body may have {LARGEST} bytes.") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    known = dict(pairs)
    if len(known) != len(pairs):
        raise ValueError("a key twice")
    return known


def _no_constant(_: str) -> NoReturn:
    raise ValueError("JSON has no NaN and no Infinity")
