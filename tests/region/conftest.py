from collections.abc import AsyncIterator, Mapping

import pytest

from tests.region.harness import Client, Place, Storky, running

FAST = {"HEALTH_SECONDS": "6", "SETTLE_SECONDS": "0.3", "STOP_SECONDS": "10", "RECONCILE_SECONDS": "0.5"}
MEMORY = 64 * 2**30  # bytes, for the containers of each region


@pytest.fixture(scope="session")
async def regions(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str
) -> AsyncIterator[Mapping[str, Place]]:
    directory = tmp_path_factory.mktemp("regions")
    settings = {**FAST, "MEMORY_BYTES": str(MEMORY)}
    async with running(directory, postgres_url, ["agora-fr1", "osc-fr1"], **settings) as places:
        yield places


@pytest.fixture(scope="session")
def place(regions: Mapping[str, Place]) -> Place:
    return regions["osc-fr1"]


@pytest.fixture
async def ada(place: Place) -> AsyncIterator[Client]:
    async with place.user("ada") as client:
        yield client


@pytest.fixture
async def storky(place: Place) -> AsyncIterator[Storky]:
    service = place.storky()
    async with service.http:
        yield service
