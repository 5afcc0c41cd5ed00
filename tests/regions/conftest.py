from collections.abc import AsyncIterator

import pytest

from tests.regions.platform import Place, running


@pytest.fixture(scope="session")
async def place(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> AsyncIterator[Place]:
    """The reference region."""
    async with running(tmp_path_factory.mktemp("region"), postgres_url, ["osc-fr1"]) as places:
        yield places["osc-fr1"]
