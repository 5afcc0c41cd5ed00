"""Our own connections to the Redis servers of addons, as the user who may do everything there."""

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import redis.exceptions
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from services.region.machinery.engines import Database

HOST = "127.0.0.1"
ADMIN = "region"  # an app's own user is `default`
_TIMEOUT = 30  # seconds for one command


class RedisClients:
    """Opens clients with a password that is drawn anew for each life of the region."""

    def __init__(self) -> None:
        """Draw the password; servers are told it before they start."""
        self.password = secrets.token_hex()

    def connect(self, database: Database, number: int = 0) -> Redis:
        """Return a client of one keyspace, to be closed; its errors are redis-py's."""
        assert database.port is not None
        return Redis(
            host=HOST,
            port=database.port,
            db=number,
            username=ADMIN,
            password=self.password,
            socket_timeout=_TIMEOUT,
            retry=Retry(NoBackoff(), 0),
            single_connection_client=True,
        )

    @asynccontextmanager
    async def client(self, database: Database) -> AsyncIterator[Redis]:
        """Yield a client; raises ConnectionError when the server does not answer, or loads."""
        with reachable():
            async with self.connect(database) as client:
                yield client


@contextmanager
def reachable() -> Iterator[None]:
    """Raise redis-py's errors of a server out of reach as ConnectionError."""
    try:
        yield
    except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError) as error:
        raise ConnectionError(f"the Redis server is out of reach: {type(error).__name__}") from None
