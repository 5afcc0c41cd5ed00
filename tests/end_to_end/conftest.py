"""One whole system for each module of end-to-end tests: real processes, databases and fronts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from local.sample.deploy import owner
from local.system import running
from tests.end_to_end.world import World


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    directory: Path = tmp_path_factory.mktemp("system")
    async with running(directory) as system:
        endpoints = system.endpoints
        async with owner(endpoints.gateway, endpoints.tokens["owner"]) as client:
            yield World(directory, system, client)
