"""The regions storky works with, by name: STORKY_REGIONS."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from pydantic import BaseModel, ConfigDict, SecretStr

from events.vocabulary import RegionName
from regions.errors import RefusedError
from regions.http import HttpRegion
from regions.port import Region


class Address(BaseModel):
    """Where a region's API is, without /v1, and storky's service credential for it."""

    model_config = ConfigDict(hide_input_in_errors=True)

    api: str
    credential: SecretStr


Addresses = Mapping[RegionName, Address]


class Directory:
    """Names to regions."""

    def __init__(self, regions: Mapping[str, Region]) -> None:
        self._regions = regions

    def region(self, name: str) -> Region:
        """Return the region; raises RefusedError for one that the settings do not name."""
        if name not in self._regions:
            raise RefusedError("region_unknown", region=name)
        return self._regions[name]


@asynccontextmanager
async def connect(addresses: Addresses) -> AsyncIterator[Directory]:
    """Open the regions' HTTP clients while the block lasts; nothing is sent before the first call."""
    async with AsyncExitStack() as stack:
        regions: dict[str, Region] = {}
        for name, address in addresses.items():
            region = HttpRegion(name, address.api, address.credential.get_secret_value())
            stack.push_async_callback(region.aclose)
            regions[name] = region
        yield Directory(regions)
