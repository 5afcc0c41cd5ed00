"""One whole system for the end-to-end tests: real processes, databases and fronts, and a name server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from local.sample.deploy import owner
from local.system import running
from tests.end_to_end.world import World
from tests.name_server import name_server

# What custom domains lead to before anything is migrated; all other names do not exist.
ZONE = {
    ("www.whole-app.example.com", "CNAME"): ["whole-app.agora-fr1.localhost."],
    ("whole-app.example.com", "A"): ["192.0.2.7"],
}
HEALTH_SECONDS = 30  # in which an app must answer: enough on a loaded machine, and not too long to fail


@pytest.fixture(scope="package")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Start the system once for all files of this folder that a process runs: a start is half of the work."""
    directory: Path = tmp_path_factory.mktemp("system")
    async with name_server(ZONE) as dns:
        settings = {
            "STORKY_DNS_RESOLVER": dns.address,
            "STORKY_REGION_HEALTH_SECONDS": str(HEALTH_SECONDS),
        }
        async with running(directory, settings) as system:
            endpoints = system.endpoints
            async with owner(endpoints.gateway, endpoints.tokens["owner"]) as client:
                yield World(directory, system, client)
