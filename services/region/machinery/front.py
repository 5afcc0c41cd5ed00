"""The front of a region: a Caddy, whose whole configuration is loaded anew with each change.

A request under way is finished with the configuration it began with, and a websocket lives on. An idle
connection is closed by a change, maybe just when a client sends on it: HTTP clients send such a GET again.
Fronts on this machine are trusted: what they say in X-Forwarded-* about the client is passed on to the app.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import anyio
import httpx

HANDED_OVER_BY = "Storky-Handed-Over-By"

_PATIENCE = 30.0  # seconds for a front that is restarting
_LOOK_AGAIN = 0.2
_TRUSTED = ["127.0.0.0/8", "::1/128"]
_TRY_FOR, _TRY_EVERY = "2s", "100ms"  # while an app's process is starting again
_STREAMS_STAY = "1h"  # that websockets outlive the configuration they began with

Json = dict[str, Any]


@dataclass(frozen=True)
class AppRoute:
    """Serve an app's hosts by its web containers, which listen on these ports of this machine."""

    hosts: tuple[str, ...]
    upstreams: tuple[int, ...]


@dataclass(frozen=True)
class HandoverRoute:
    """Serve an app's hosts by another region's front, which knows the app's own host under a new name."""

    own_host: str
    custom_hosts: tuple[str, ...]
    front: str
    new_host: str


Route = AppRoute | HandoverRoute


class FrontError(Exception):
    """The front did not take a configuration, or not in time."""


class Front:
    """A running Caddy, configured through its admin API."""

    def __init__(self, admin_url: str, front_url: str) -> None:
        """Say where its admin API is, and where it shall serve, in plain HTTP."""
        self._admin_url = httpx.URL(admin_url)
        self._listen = _address(front_url)
        self._lock = anyio.Lock()

    async def apply(self, routes: Sequence[Route]) -> None:
        """Return when the front serves exactly these routes; raises FrontError.

        Of calls at the same time the last one begun wins.
        """
        wanted = config(routes, self._listen, _address(str(self._admin_url)))
        async with self._lock:
            with anyio.move_on_after(_PATIENCE):
                while not await self._load(wanted):
                    await anyio.sleep(_LOOK_AGAIN)
                return
        raise FrontError(f"the front at {self._listen} was not configured in {_PATIENCE:g} s")

    async def _load(self, wanted: Json) -> bool:
        try:
            async with httpx.AsyncClient(
                base_url=self._admin_url, timeout=_PATIENCE, trust_env=False
            ) as admin:
                answer = await admin.post("/load", json=wanted)
        except httpx.TransportError:
            return False
        if answer.is_error:
            raise FrontError(
                f"the front refused its configuration with {answer.status_code}; its log says why"
            )
        return True


def config(routes: Sequence[Route], listen: str, admin: str) -> Json:
    """Return Caddy's configuration for these routes; `listen` and `admin` are host:port."""
    served = [each for route in routes for each in _routes(route)]
    server = {
        "listen": [listen],
        "routes": [*served, _text(404, "no such app here")],
        "errors": {"routes": [_text("{http.error.status_code}", "the app does not answer")]},
        "automatic_https": {"disable": True},
        "trusted_proxies": {"source": "static", "ranges": _TRUSTED},
    }
    return {"admin": {"listen": admin}, "apps": {"http": {"servers": {"front": server}}}}


def _routes(route: Route) -> list[Json]:
    match route:
        case AppRoute(hosts, ()):
            return [_on(hosts, _text(503, "this app is stopped"))]
        case AppRoute(hosts, upstreams):
            return [_on(hosts, _proxy([f"127.0.0.1:{port}" for port in upstreams]))]
        case HandoverRoute():
            return _handover(route)


def _handover(route: HandoverRoute) -> list[Json]:
    mark = {"add": {HANDED_OVER_BY: [route.own_host]}}
    hosts = (route.own_host, *route.custom_hosts)
    loop = _on(hosts, _text(508, "the regions hand this app over to each other"))
    loop["match"][0]["header"] = {HANDED_OVER_BY: [route.own_host]}
    own = _proxy([_address(route.front)], {**mark, "set": {"Host": [route.new_host]}})
    custom = _proxy([_address(route.front)], mark)
    return [
        loop,
        _on((route.own_host,), own),
        *([_on(route.custom_hosts, custom)] if route.custom_hosts else []),
    ]


def _on(hosts: Sequence[str], answer: Json) -> Json:
    return {"match": [{"host": list(hosts)}], **answer, "terminal": True}


def _proxy(upstreams: Sequence[str], request_headers: Json | None = None) -> Json:
    handler = {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": dial} for dial in upstreams],
        "load_balancing": {
            "selection_policy": {"policy": "round_robin"},
            "try_duration": _TRY_FOR,
            "try_interval": _TRY_EVERY,
        },
        # A connection that an app closes while we send on it would fail a request that cannot be repeated.
        "transport": {"protocol": "http", "keep_alive": {"enabled": False}},
        "stream_close_delay": _STREAMS_STAY,
    }
    if request_headers:
        handler["headers"] = {"request": request_headers}
    return {"handle": [handler]}


def _text(status: int | str, body: str) -> Json:
    headers = {"Content-Type": ["text/plain; charset=utf-8"]}
    answer = {"handler": "static_response", "status_code": status, "headers": headers, "body": f"{body}\n"}
    return {"handle": [answer]}


def _address(url: str) -> str:
    """Return host:port of a URL."""
    parsed = httpx.URL(url)
    return f"{parsed.host}:{parsed.port or 80}"
