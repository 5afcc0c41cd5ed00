"""Connections to the log's database, with limits: nothing waits for ever."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import asyncpg

STATEMENT_SECONDS = 30  # the longest a statement may take, lock waits included
CONNECT_SECONDS = 10  # to get a connection, and to give it back
IDLE_TRANSACTION = "60s"  # then the server ends the transaction of a process that stalls, and frees its locks


@asynccontextmanager
async def connect(url: str, application: str, *, size: int = 10) -> AsyncIterator[asyncpg.Pool]:
    """Yield a pool of at most `size` connections, opened when they are needed.

    So a service starts while the database is down, and goes on when it is back. `application` is how the
    server's own views name this process.
    """
    async with asyncpg.create_pool(
        url,
        min_size=0,
        max_size=size,
        timeout=CONNECT_SECONDS,
        command_timeout=STATEMENT_SECONDS,
        server_settings={
            "application_name": application,
            "idle_in_transaction_session_timeout": IDLE_TRANSACTION,
        },
    ) as pool:
        yield pool


@asynccontextmanager
async def session(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """Yield a connection of the pool; a TimeoutError says that none was to be had."""
    async with pool.acquire(timeout=CONNECT_SECONDS) as connection:
        yield cast("asyncpg.Connection", connection)
