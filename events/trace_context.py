"""W3C trace context: the trace that a message, or a call, belongs to."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_followed: ContextVar[str | None] = ContextVar("traceparent", default=None)


def well_formed(traceparent: str | None) -> str | None:
    """Return the trace context, None if it is none: the standard has what is malformed ignored."""
    return traceparent if traceparent and _TRACEPARENT.fullmatch(traceparent) else None


@contextmanager
def following(traceparent: str | None) -> Iterator[None]:
    """Let the calls that are made in the block belong to this trace."""
    token = _followed.set(well_formed(traceparent))
    try:
        yield
    finally:
        _followed.reset(token)


def headers() -> dict[str, str]:
    """Return what a call must carry to belong to the trace that is followed here, if one is."""
    followed = _followed.get()
    return {"traceparent": followed} if followed else {}
