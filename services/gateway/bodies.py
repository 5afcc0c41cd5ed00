"""The gateway's own calls take small bodies; what is handed through to a region is bounded there."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from services.common.bodies import BodyTooLongError, with_whole_body
from services.gateway.errors import refused

LARGEST = 64 * 1024  # bytes


class SmallBodyRoute(APIRoute):
    """A route that reads no more of a body than it may have; 413 for a longer one."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler behind the limit."""
        handle = super().get_route_handler()

        async def limited(request: Request) -> Response:
            return await handle(await _with_body(request))

        return limited


async def _with_body(request: Request) -> Request:
    try:
        return await with_whole_body(request, LARGEST)
    except BodyTooLongError:
        raise refused(413, "too_large", f"A body may have {LARGEST} bytes.") from None
