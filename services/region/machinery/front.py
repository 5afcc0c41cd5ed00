"""The front of a region: a Caddy, whose whole configuration is loaded anew with each change.

A request under way is finished with the configuration it began with, and a websocket lives on. An idle
connection is closed by a change, maybe just when a client sends on it: HTTP clients send such a GET again. A
configuration that is the one it has, Caddy does not load again. It holds keys: nothing logs it.
"""

from collections.abc import Mapping, Sequence

import anyio
import httpx

from services.region.machinery import plain_http
from services.region.machinery.authority import Certificate
from services.region.machinery.front_config import Json, Listeners, Route, config

_PATIENCE = 30.0  # seconds for a front that is restarting
_LOOK_AGAIN = 0.2


class FrontError(Exception):
    """The front did not take a configuration, or not in time."""


class Front:
    """A running Caddy, configured through its admin API."""

    def __init__(self, admin_url: str, listeners: Listeners) -> None:
        """Say where its admin API is, and where it shall serve."""
        self._admin_url = admin_url
        self._listeners = listeners
        self._lock = anyio.Lock()

    async def apply(self, routes: Sequence[Route], certificates: Mapping[str, Certificate]) -> None:
        """Return when the front serves exactly these routes, with these hosts' certificates.

        Of calls at the same time the last one begun wins. Raises FrontError.
        """
        wanted = config(routes, certificates, self._listeners, self._admin_url)
        async with self._lock:
            with anyio.move_on_after(_PATIENCE):
                while not await self._load(wanted):
                    await anyio.sleep(_LOOK_AGAIN)
                return
        raise FrontError(f"the front at {self._listeners.url} was not configured in {_PATIENCE:g} s")

    async def _load(self, wanted: Json) -> bool:
        try:
            async with plain_http.client(_PATIENCE, base_url=self._admin_url) as admin:
                answer = await admin.post("/load", json=wanted)
        except httpx.TransportError:
            return False
        if answer.is_error:
            raise FrontError(
                f"the front refused its configuration with {answer.status_code}; its log says why"
            )
        return True
