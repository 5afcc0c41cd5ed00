"""The deliveries in the database: who takes which, and how it ended."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg

from events.store.database import session
from events.store.errors import translated
from services.webhooks.statements import statement


class Delivery(NamedTuple):
    """What is sent to whom; `attempts` have failed before."""

    endpoint: str
    sealed_url: bytes
    sealed_secret: bytes
    id: UUID
    type: str
    body: bytes
    attempts: int


class Parked(NamedTuple):
    """A delivery that is tried no more, and why the last attempt failed; None if there was none."""

    endpoint: str
    id: UUID
    problem: str | None


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
        await self._fetch("end_delivered", delivery.endpoint, delivery.id)

    async def end_failed(self, delivery: Delivery, problem: str, again_in: timedelta, *, pause: bool) -> None:
        """Have it tried again later, and free its endpoint for the next, or pause that."""
        await self._fetch("end_failed", delivery.endpoint, delivery.id, problem, again_in, pause)

    async def park_overdue(self, period: timedelta) -> list[Parked]:
        """Park, and return, what was tried for so long in vain."""
        return [Parked(*row) for row in await self._fetch("park_overdue", period)]

    async def _fetch(self, name: str, *values: object) -> list[asyncpg.Record]:
        with translated():
            async with session(self._pool) as connection:
                return await connection.fetch(statement(name), *values)
