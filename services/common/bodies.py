"""Read a request's body, and no more of it than it may have."""

from fastapi import Request
from starlette.types import Message


class BodyTooLongError(Exception):
    """The body goes on after the last byte that is allowed."""


async def with_whole_body(request: Request, largest: int) -> Request:
    """Return the request with its whole body read; raises BodyTooLongError above `largest` bytes."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise BodyTooLongError

    async def replay() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(request.scope, replay)
