"""The front of a region: a Caddy, whose whole configuration is loaded anew with each change.

A request under way is finished with the configuration it began with, and a websocket lives on. An idle
connection is closed by a change, maybe just when a client sends on it: HTTP clients send such a GET again. A
configuration that is the one it has, Caddy does not load again. It holds keys: nothing logs it.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress

import anyio
import httpx
import structlog

from services.region.machinery import plain_http
from services.region.machinery.authority import Certificate
from services.region.machinery.front_config import Json, Listeners, Route, config

_PATIENCE = 30.0  # seconds for a front that is restarting
_LOOK_AGAIN = 0.2
_CANDIDATE = "candidate.invalid"  # a host that nobody has
_UNREADABLE = re.compile(r"loading certificates: PEM pair (\d+):")  # as Caddy says it

log = structlog.get_logger()


class FrontError(Exception):
    """The front did not take a configuration, or not in time."""


class Front:
    """A running Caddy, configured through its admin API."""

    def __init__(self, admin_url: str, listeners: Listeners) -> None:
        """Say where its admin API is, and where it shall serve."""
        self._admin_url = admin_url
        self._listeners = listeners
        self._wanted: tuple[Sequence[Route], Mapping[str, Certificate]] = (), {}
        self._lock = anyio.Lock()

    async def apply(self, routes: Sequence[Route], certificates: Mapping[str, Certificate]) -> None:
        """Return when the front serves exactly these routes, with these hosts' certificates.

        A certificate that it cannot read is left out, so that it harms nobody else. Of calls at the same
        time the last one begun wins. Raises FrontError.
        """
        async with self._lock:
            self._wanted = routes, certificates
            for host in await self._serve(routes, certificates):
                log.warning("certificate_left_out", host=host)

    async def reads(self, certificate: Certificate) -> bool:
        """Tell whether the front can serve a certificate; only its own parser knows. Raises FrontError."""
        async with self._lock:
            routes, certificates = self._wanted
            return _CANDIDATE not in await self._serve(routes, {**certificates, _CANDIDATE: certificate})

    async def _serve(self, routes: Sequence[Route], certificates: Mapping[str, Certificate]) -> set[str]:
        """Load the configuration, and return the hosts whose certificates had to be left out."""
        left_out: set[str] = set()
        while True:
            kept = {host: each for host, each in certificates.items() if host not in left_out}
            answer = await self._load(config(routes, kept, self._listeners, self._admin_url))
            if answer.is_success:
                return left_out
            culprit = _UNREADABLE.search(answer.text)
            if not culprit:
                raise FrontError(
                    f"the front refused its configuration with {answer.status_code}; its log says why"
                )
            left_out.add(list(kept)[int(culprit[1])])

    async def _load(self, wanted: Json) -> httpx.Response:
        async with plain_http.client(_PATIENCE, base_url=self._admin_url) as admin:
            with anyio.move_on_after(_PATIENCE):
                while True:
                    with suppress(httpx.TransportError):
                        return await admin.post("/load", json=wanted)
                    await anyio.sleep(_LOOK_AGAIN)
        raise FrontError(f"the front at {self._listeners.url} was not configured in {_PATIENCE:g} s")
