"""Everything the gateway does not answer itself goes to the region's own API, and back, as a stream."""

from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

import anyio
import httpx
import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from services.gateway.auth import Authorization, recognised
from services.gateway.errors import ApiError, loggable, method_not_allowed, not_found, refused, unauthorized
from services.gateway.settings import Region
from services.gateway.state import GatewayState, NamedRegion

router = APIRouter(include_in_schema=False)
log = structlog.get_logger()

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
TIMEOUT = httpx.Timeout(60, connect=5)  # seconds; clients themselves give up after 30

# A connection's own headers end with the connection. "expect" too: we have read the body by then.
HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"expect",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
OF_EVERY_SERVER = frozenset({b"date", b"server"})  # the gateway's own go out with each answer
# Only storky's workers may speak for a migration, and they do not come this way.
OURS = b"storky-"
ABUSE = (401, 429)  # statuses that whoever runs the gateway wants to hear of, also from a region

Headers = list[tuple[bytes, bytes]]


class _Upstream(StreamingResponse):
    """A region's answer on its way to the client; the region's connection is let go however it ends."""

    def __init__(self, answer: httpx.Response, headers: Headers) -> None:
        super().__init__(answer.aiter_raw(), answer.status_code)
        self.raw_headers = headers
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await self._answer.aclose()


def only_others(request: Request) -> None:
    """Refuse a path of our own that is asked with another method than ours: no region has it."""
    routes = request.app.state.own_routes
    if any(route.matches(request.scope)[0] is Match.PARTIAL for route in routes):
        scopes = {method: {**request.scope, "method": method} for method in METHODS}
        allowed = [
            method
            for method, scope in scopes.items()
            if any(route.matches(scope)[0] is Match.FULL for route in routes)
        ]
        raise method_not_allowed(request.method, allowed)


@router.api_route("/v1/{path:path}", methods=METHODS, dependencies=[Depends(only_others)])
@router.api_route(
    "/{region}/v1/apps/{app}/region_migrations/{path:path}",
    methods=METHODS,
    dependencies=[Depends(only_others)],
)
async def nothing(request: Request) -> None:
    """Answer for what is under the gateway's own path and not one of its calls."""
    raise not_found("path", f"There is nothing at {request.method} {request.url.path}.")


@router.api_route("/{region}/{path:path}", methods=METHODS, dependencies=[Depends(only_others)])
async def hand_through(
    region: str, at: NamedRegion, state: GatewayState, request: Request, authorization: Authorization = ""
) -> _Upstream:
    """Send the request to the region as it came, and the answer back as it comes.

    A signed token of ours counts no more than its API token. All others, and none, are the region's to judge.
    """
    _check_plain(request)
    await recognised(state, authorization)
    try:
        answer = await state.http.send(_outgoing(request, at), stream=True)
    except httpx.TransportError:
        raise unavailable(region) from None
    if answer.status_code in ABUSE:
        path = loggable(request.url.path)
        log.info("refused by the region", action="http.refused", path=path, status=answer.status_code)
    headers = [each for each in _end_to_end(answer.headers.raw) if each[0] not in OF_EVERY_SERVER]
    public = f"{state.settings.public_url}/{region}"
    return _Upstream(answer, [(name, _seen_from_outside(name, value, at, public)) for name, value in headers])


def unavailable(region: str) -> ApiError:
    """Return the 503 for a region that does not answer."""
    return refused(503, "region_unavailable", f"The region {region} does not answer; try again later.")


def _check_plain(request: Request) -> None:
    """Refuse what a region may read in another way than we do."""
    parts = unquote_to_bytes(request.scope["raw_path"]).split(b"/")
    if b"." in parts or b".." in parts:
        raise not_found("path", "There is nothing at a path with . or .. in it.")
    if len(request.headers.getlist("authorization")) > 1:
        raise unauthorized("Send one Authorization header.")


def _outgoing(request: Request, at: Region) -> httpx.Request:
    incoming = request.headers.raw
    chunked = any(name == b"transfer-encoding" for name, _ in incoming)
    dropped = (b"host", b"content-length") if chunked else (b"host",)
    headers = [
        (name, value)
        for name, value in _end_to_end(incoming)
        if name not in dropped and not name.startswith(OURS)
    ]
    has_body = chunked or any(name == b"content-length" for name, _ in incoming)
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


def _end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return the headers that are not the connection's own, names in lower case."""
    lowered = [(name.lower(), value) for name, value in headers]
    named = {
        token.strip().lower()
        for name, value in lowered
        if name == b"connection"
        for token in value.split(b",")
    }
    return [(name, value) for name, value in lowered if name not in HOP_BY_HOP | named]


def _seen_from_outside(name: bytes, value: bytes, at: Region, public: str) -> bytes:
    """Turn a Location inside the region's API into one that leads through the gateway."""
    inside = name == b"location" and value.startswith(f"{at.api}/".encode())
    return public.encode() + value.removeprefix(at.api.encode()) if inside else value
