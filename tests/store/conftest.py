from collections.abc import AsyncIterator

import asyncpg
import pytest

from events.store import Log, connect


@pytest.fixture
async def pool(installed_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with connect(installed_url, "tests") as pool:
        yield pool


@pytest.fixture
def log(pool: asyncpg.Pool) -> Log:
    return Log(pool)
