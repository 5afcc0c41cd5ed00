"""A log in a fresh database, with everything installed."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from events.store import connect
from events.store.schema import upgrade


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    await upgrade(database_url)
    async with connect(database_url, "tests") as pool:
        yield pool
