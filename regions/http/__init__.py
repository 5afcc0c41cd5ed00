"""The port over HTTP: one call of docs/region-api.md per method."""

from regions.http.addons import HttpAddons
from regions.http.apps import HttpApps
from regions.http.fencing import HttpFencing
from regions.http.surroundings import HttpSurroundings
from regions.http.traffic import HttpTraffic
from regions.port import Region
from regions.transport import Transport


class HttpRegion(HttpApps, HttpSurroundings, HttpAddons, HttpTraffic, HttpFencing, Region):
    """A region behind its HTTP API."""

    def __init__(self, name: str, api: str, credential: str) -> None:
        self.name = name
        self._http = Transport(name, api, credential)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()
