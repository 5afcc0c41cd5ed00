from collections.abc import AsyncIterator

import asyncpg
import pytest

from events.store import Log, connect
from events.store.schema import upgrade


@pytest.fixture
async def installed_url(database_url: str) -> str:
    """The superuser's URL of a database with the schema."""
    await upgrade(database_url)
    return database_url


@pytest.fixture
async def pool(installed_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with connect(installed_url, "tests") as pool:
        yield pool


@pytest.fixture
def log(pool: asyncpg.Pool) -> Log:
    return Log(pool)
