"""What a front serves, and the configuration that makes a Caddy serve it.

Whoever asks may forge headers. So each request's first stop is `_believing`: unless it carries the key of the
platform's fronts, all that it says about itself is replaced by what we see. Behind it, X-Forwarded-Proto says
how the visitor came, whichever listener and however many fronts a request has passed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from services.region.machinery.authority import Certificate

FRONT_KEY = "Storky-Front-Key"
FRONT_PATH = "Storky-Front-Path"
STICKY_COOKIE = "storky_container"

_CHALLENGES = "/.well-known/acme-challenge/*"
_TRY_FOR, _TRY_EVERY = "2s", "100ms"  # while an app's process is starting again
_PASSED_OVER = "1s"  # for which a container that did not answer is not asked again
_STREAMS_STAY = "1h"  # that websockets outlive the configuration they began with
_ANYBODY = {"source": "static", "ranges": ["0.0.0.0/0", "::/0"]}
_PROTOCOLS = ["h1", "h2"]  # no HTTP/3: it would take a UDP port that nobody has reserved

Json = dict[str, Any]


@dataclass(frozen=True)
class AppRoute:
    """Serve an app's hosts by its web containers, which listen on these ports of this machine."""

    hosts: tuple[str, ...]
    upstreams: tuple[int, ...]
    force_https: bool = False
    sticky: bool = False
    canonical: str | None = None


@dataclass(frozen=True)
class HandoverRoute:
    """Have hosts served by another region's front, which knows the app's own hosts under a new name."""

    own_hosts: tuple[str, ...]
    custom_hosts: tuple[str, ...]
    front: str
    new_host: str

    @property
    def hosts(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.own_hosts, *self.custom_hosts)


Route = AppRoute | HandoverRoute


@dataclass(frozen=True)
class Listeners:
    """Where a region's front serves, as URLs; and the key by which it knows the platform's other fronts."""

    region: str
    url: str
    tls_url: str
    key: str = field(repr=False)


def config(
    routes: Sequence[Route], certificates: Mapping[str, Certificate], own: Listeners, admin_url: str
) -> Json:
    """Return Caddy's configuration; each certificate is that of one host name, or of `*.` and a name."""
    first = _believing(own.key)
    served = [first, *(_route(route, own) for route in routes), _text(404, "no such app here")]
    server = {
        "routes": served,
        "errors": {"routes": [_text("{http.error.status_code}", "the app does not answer")]},
        "automatic_https": {"disable": True},
        "trusted_proxies": _ANYBODY,  # what has come past `_believing` is ours, or another front's
        "protocols": _PROTOCOLS,
    }
    policies = [_policy(host) for host in certificates]
    servers = {
        "front": {**server, "listen": [address(own.url)]},
        "front_tls": {**server, "listen": [address(own.tls_url)], "tls_connection_policies": policies},
    }
    loaded = [
        {"certificate": each.chain, "key": each.key, "tags": [host]} for host, each in certificates.items()
    ]
    tls = {"certificates": {"load_pem": loaded}, "disable_ocsp_stapling": True}
    return {"admin": {"listen": address(admin_url)}, "apps": {"http": {"servers": servers}, "tls": tls}}


def address(url: str) -> str:
    """Return host:port of a URL."""
    parsed = httpx.URL(url)
    return f"{parsed.host}:{parsed.port or _usual_port(parsed)}"


def _policy(host: str) -> Json:
    # By tag: a certificate is good for more names than the domain's, which may be somebody else's here.
    return {"match": {"sni": [host]}, "certificate_selection": {"any_tag": [host]}}


def _believing(key: str) -> Json:
    forged = {"handler": "headers", "request": {"delete": ["X-Forwarded-*", "Forwarded", "Storky-Front-*"]}}
    seen = {"handler": "headers", "request": {"set": {"X-Forwarded-Proto": ["{http.request.scheme}"]}}}
    return {"match": [{"not": [{"header": {FRONT_KEY: [key]}}]}], "handle": [forged, seen]}


def _route(route: Route, own: Listeners) -> Json:
    match route:
        case AppRoute(hosts, ()):
            return _on(hosts, [_text(503, "this app is stopped")])
        case AppRoute(hosts):
            return _on(hosts, [*_redirects(route, own), _containers(route)])
        case HandoverRoute():
            return _on(route.hosts, _handover(route, own))


def _redirects(route: AppRoute, own: Listeners) -> list[Json]:
    found = []
    if route.force_https:
        here = {**_said_by("http"), "not": [{"path": [_CHALLENGES]}]}
        found.append(_redirect(308, here, _place(own.tls_url, "{http.request.host}")))
    if route.canonical:
        elsewhere = {"not": [{"host": [route.canonical]}, {"path": [_CHALLENGES]}]}
        for url in (own.url, own.tls_url):
            here = {**_said_by(httpx.URL(url).scheme), **elsewhere}
            found.append(_redirect(302, here, _place(url, route.canonical)))
    return found


def _containers(route: AppRoute) -> Json:
    policy: Json = {"policy": "round_robin"}
    more: Json = {}
    if route.sticky:
        policy = {"policy": "cookie", "name": STICKY_COOKIE, "fallback": policy}
        # Else the cookie would lead to a container that is down again and again.
        more = {"health_checks": {"passive": {"fail_duration": _PASSED_OVER}}}
    upstreams = [f"127.0.0.1:{port}" for port in route.upstreams]
    return _proxy(upstreams, policy, {"delete": [FRONT_KEY, FRONT_PATH]}, more)


def _handover(route: HandoverRoute, own: Listeners) -> list[Json]:
    name = re.escape(own.region)
    passed_before = {"header_regexp": {FRONT_PATH: {"pattern": rf"(^|,)\s*{name}\s*(,|$)"}}}
    loop = _text(508, "the regions hand this app over to each other")
    ours: Json = {"set": {FRONT_KEY: [own.key]}, "add": {FRONT_PATH: [own.region]}}
    rewritten = {**ours, "set": {**ours["set"], "Host": [route.new_host]}}
    there, policy = [address(route.front)], {"policy": "round_robin"}
    return [
        {"match": [passed_before], **loop, "terminal": True},
        *([_on(route.own_hosts, [_proxy(there, policy, rewritten)])] if route.own_hosts else []),
        _proxy(there, policy, ours),
    ]


def _on(hosts: Sequence[str], routes: Sequence[Json]) -> Json:
    answer = {"handler": "subroute", "routes": list(routes)}
    return {"match": [{"host": list(hosts)}], "handle": [answer], "terminal": True}


def _said_by(scheme: str) -> Json:
    return {"header": {"X-Forwarded-Proto": [scheme]}}


def _redirect(status: int, match: Json, place: str) -> Json:
    headers = {"Location": [f"{place}{{http.request.uri}}"]}
    answer = {"handler": "static_response", "status_code": status, "headers": headers}
    return {"match": [match], "handle": [answer], "terminal": True}


def _place(url: str, host: str) -> str:
    """Return scheme, host and, where it is not the usual one, port."""
    parsed = httpx.URL(url)
    return f"{parsed.scheme}://{host}" + (f":{parsed.port}" if parsed.port else "")


def _usual_port(url: httpx.URL) -> int:
    return 443 if url.scheme == "https" else 80


def _proxy(upstreams: Sequence[str], policy: Json, request_headers: Json, more: Json | None = None) -> Json:
    handler = {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": dial} for dial in upstreams],
        "load_balancing": {
            "selection_policy": policy,
            "try_duration": _TRY_FOR,
            "try_interval": _TRY_EVERY,
        },
        # A connection that an app closes while we send on it would fail a request that cannot be repeated.
        "transport": {"protocol": "http", "keep_alive": {"enabled": False}},
        "stream_close_delay": _STREAMS_STAY,
        "headers": {"request": request_headers},
        **(more or {}),
    }
    return {"handle": [handler]}


def _text(status: int | str, body: str) -> Json:
    headers = {"Content-Type": ["text/plain; charset=utf-8"]}
    answer = {"handler": "static_response", "status_code": status, "headers": headers, "body": f"{body}\n"}
    return {"handle": [answer]}
