from collections.abc import AsyncIterator
from uuid import uuid4

import anyio
import httpx
import pytest

from local.caddy import CaddyServer
from local.postgres import BIN, debian
from services.region.machinery.engines import Database
from services.region.machinery.front import Front
from services.region.machinery.postgres_engine import PostgresEngine
from tests.region_machinery.fronts import front_of
from tests.region_machinery.upstream import Upstream, upstream

# What needs Debian's PostgreSQL 15 is no test of ours where that is not installed.
collect_ignore = [] if debian("15") else ["test_older_postgres.py"]


@pytest.fixture
def server(postgres_url: str) -> PostgresEngine:
    return PostgresEngine(postgres_url, BIN)


@pytest.fixture
async def database(server: PostgresEngine) -> AsyncIterator[Database]:
    database = Database(f"addon-{uuid4().hex}", "first-password")
    await server.create(database)
    yield database
    await server.drop(database.name)


@pytest.fixture
async def other_database(server: PostgresEngine) -> AsyncIterator[Database]:
    database = Database(f"addon-{uuid4().hex}", "other-password")
    await server.create(database)
    yield database
    await server.drop(database.name)


@pytest.fixture(scope="session")
async def caddies(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[CaddyServer, CaddyServer]]:
    pair = CaddyServer(tmp_path_factory.mktemp("here")), CaddyServer(tmp_path_factory.mktemp("there"))
    async with anyio.create_task_group() as group:
        for caddy in pair:
            group.start_soon(caddy.start)
    yield pair
    for caddy in pair:
        await caddy.stop()


@pytest.fixture
def here(caddies: tuple[CaddyServer, CaddyServer]) -> Front:
    return front_of(caddies[0], "here")


@pytest.fixture
def there(caddies: tuple[CaddyServer, CaddyServer]) -> Front:
    return front_of(caddies[1], "there")


@pytest.fixture
def there_url(caddies: tuple[CaddyServer, CaddyServer]) -> str:
    return caddies[1].front_url


@pytest.fixture
async def client(caddies: tuple[CaddyServer, CaddyServer]) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=caddies[0].front_url, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture
async def app() -> AsyncIterator[Upstream]:
    async with upstream("app") as served:
        yield served
