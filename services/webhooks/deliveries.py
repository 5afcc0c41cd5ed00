"""The deliveries in the database: who takes which, and how it ended."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg

from events.store.database import session
from events.store.errors import translated
from services.webhooks.statements import statement


class Delivery(NamedTuple):
    """What is sent to whom, by whoever has the lease; `attempts` have failed before."""

    endpoint: str
    lease: datetime
    sealed_url: bytes
    sealed_secret: bytes
    id: UUID
    type: str
    body: bytes
    attempts: int


class Failure(NamedTuple):
    """Why an attempt was in vain, and what follows from it."""

    problem: str
    again_in: timedelta
    rest: timedelta  # for so long the endpoint is left alone
    gone: bool  # as it has said: it is not sent to any more


class Deliveries:
    """The table. Every call raises LogUnavailableError while the database does not answer."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def claim(self, lease: timedelta) -> list[Delivery]:
        """Return what is due, one delivery at most for each endpoint, which is the caller's for so long.

        After that, as the caller has died or hangs, somebody else may get the same.
        """
        return [Delivery(*row) for row in await self._fetch("claim", lease)]

    async def end_delivered(self, delivery: Delivery) -> None:
        """Forget it, and free its endpoint for the next."""
        await self._fetch("end_delivered", delivery.endpoint, delivery.id, delivery.lease)

    async def end_failed(self, delivery: Delivery, failure: Failure, period: timedelta) -> bool:
        """Have it tried again, or park it when it was tried for this period; return whether it is parked."""
        rows = await self._fetch(
            "end_failed",
            delivery.endpoint,
            delivery.id,
            delivery.lease,
            *failure,
            delivery.sealed_url,
            period,
        )
        return any(row["parked"] for row in rows)

    async def _fetch(self, name: str, *values: object) -> list[asyncpg.Record]:
        with translated():
            async with session(self._pool) as connection:
                return await connection.fetch(statement(name), *values)
