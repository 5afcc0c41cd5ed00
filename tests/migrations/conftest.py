"""A log in a fresh database, with everything installed."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from events.store import connect


@pytest.fixture
async def pool(installed_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with connect(installed_url, "tests") as pool:
        yield pool
