"""Two regions on a server of their own: what is left on it afterwards is theirs."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from local.postgres import PostgresServer
from regions import directory
from regions.directory import Address
from tests.migrating.driver import Workplace
from tests.migrating.trial import DESTINATION, SOURCE
from tests.name_server import name_server
from tests.region.conftest import FAST
from tests.region.harness import Place, running

# What an abort leaves is looked at before a region could clear up behind it; no app here is ill, only slow.
SETTINGS = {**FAST, "RECONCILE_SECONDS": "600", "HEALTH_SECONDS": "60"}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the regions have their folders."""
    return tmp_path_factory.mktemp("migrating")


@pytest.fixture(scope="session")
async def places(folder: Path) -> AsyncIterator[Mapping[str, Place]]:
    server = PostgresServer(folder / "postgres")
    await server.start()
    try:
        async with running(folder, server.url(), [SOURCE, DESTINATION], **SETTINGS) as places:
            yield places
    finally:
        await server.stop()


@pytest.fixture(scope="session")
async def workplace(places: Mapping[str, Place]) -> AsyncIterator[Workplace]:
    """What the workers know: both regions, and a name server that knows no domain."""
    addresses = {
        name: Address.model_validate({"api": place.api, "credential": place.credential})
        for name, place in places.items()
    }
    async with directory.connect(addresses) as regions, name_server({}) as server:
        yield Workplace(regions, server.address)
