from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from local.postgres import BIN
from services.region.machinery.databases import DatabaseServer


@pytest.fixture
def server(postgres_url: str) -> DatabaseServer:
    return DatabaseServer(postgres_url, BIN)


@pytest.fixture
async def database(server: DatabaseServer) -> AsyncIterator[str]:
    name = f"addon-{uuid4().hex}"
    await server.create(name, "first-password")
    yield name
    await server.drop(name)


@pytest.fixture
async def other_database(server: DatabaseServer) -> AsyncIterator[str]:
    name = f"addon-{uuid4().hex}"
    await server.create(name, "other-password")
    yield name
    await server.drop(name)
