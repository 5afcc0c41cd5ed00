"""Everything the gateway does not answer itself goes to the region's own API, and back, as a stream."""

from collections.abc import Iterable

import anyio
import httpx
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from services.gateway.errors import ApiError, not_found, refused
from services.gateway.settings import Region
from services.gateway.state import GatewayState, NamedRegion

router = APIRouter(include_in_schema=False)

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
TIMEOUT = httpx.Timeout(60, connect=5)  # seconds; clients themselves give up after 30

# A connection's own headers end with the connection. "expect" too: we have read the body by then.
HOP_BY_HOP = frozenset(
    {
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# Only storky's workers may speak for a migration, and they do not come this way.
OURS = "storky-"

Headers = list[tuple[str, str]]


class _Upstream(StreamingResponse):
    """A region's answer on its way to the client; the region's connection is let go however it ends."""

    def __init__(self, answer: httpx.Response, headers: Headers) -> None:
        super().__init__(answer.aiter_raw(), answer.status_code)
        self.raw_headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await self._answer.aclose()


@router.api_route("/v1/{path:path}", methods=METHODS)
async def nothing(request: Request) -> None:
    """Answer for what is under the gateway's own path and not one of its calls."""
    raise not_found("path", f"There is nothing at {request.method} {request.url.path}.")


@router.api_route("/{region}/{path:path}", methods=METHODS)
async def hand_through(region: str, at: NamedRegion, state: GatewayState, request: Request) -> _Upstream:
    """Send the request to the region as it came, and the answer back as it comes."""
    try:
        answer = await state.http.send(_outgoing(request, at), stream=True)
    except httpx.TransportError:
        raise unavailable(region) from None
    headers = _end_to_end(answer.headers.multi_items())
    public = f"{state.settings.public_url}/{region}"
    return _Upstream(answer, [(name, _seen_from_outside(name, value, at, public)) for name, value in headers])


def unavailable(region: str) -> ApiError:
    """Return the 503 for a region that does not answer."""
    return refused(503, "region_unavailable", f"The region {region} does not answer; try again later.")


def _outgoing(request: Request, at: Region) -> httpx.Request:
    incoming = request.headers.items()
    headers = [
        (name, value) for name, value in _end_to_end(incoming) if name != "host" and not name.startswith(OURS)
    ]
    has_body = any(name in ("content-length", "transfer-encoding") for name, _ in incoming)
    return httpx.Request(
        request.method,
        _target(request, at),
        headers=headers,
        content=request.stream() if has_body else None,
        extensions={"timeout": TIMEOUT.as_dict()},
    )


def _target(request: Request, at: Region) -> httpx.URL:
    """Return the region's URL with the path and query byte for byte as they came."""
    base = httpx.URL(at.api)
    _, _, path = request.scope["raw_path"].split(b"/", 2)
    query: bytes = request.scope["query_string"]
    prefix = base.raw_path.rstrip(b"/")
    return base.copy_with(raw_path=prefix + b"/" + path + (b"?" + query if query else b""))


def _end_to_end(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return the headers that are not the connection's own, names in lower case."""
    lowered = [(name.lower(), value) for name, value in headers]
    named = {
        token.strip().lower() for name, value in lowered if name == "connection" for token in value.split(",")
    }
    return [(name, value) for name, value in lowered if name not in HOP_BY_HOP | named]


def _seen_from_outside(name: str, value: str, at: Region, public: str) -> str:
    """Turn a Location inside the region's API into one that leads through the gateway."""
    inside = name == "location" and value.startswith(f"{at.api}/")
    return public + value.removeprefix(at.api) if inside else value
