"""Webhooks in the database. The service that sends them reads there what is written here."""

import base64
import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from events.envelope import TYPE_PREFIX, Envelope
from services.common.sealing import Seal
from services.common.webhooks import SECRET_PREFIX
from services.gateway.database import connection_of
from services.gateway.webhooks.model import NewWebhook, ParkedDelivery, Trial, Webhook
from services.gateway.webhooks.statements import statement

KEY_BYTES = 32
TEST = "WebhookTest"  # no event: in no log


class Webhooks:
    """The tables. Every call raises ApiError (503) while the database does not answer."""

    def __init__(self, pool: asyncpg.Pool, seal: Seal) -> None:
        self._pool = pool
        self._seal = seal

    async def put(self, wanted: NewWebhook, host: str) -> str | None:
        """Keep a webhook; return its secret if that is new. What waits is sent at once, as if it were new."""
        secret = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
        sealed = (self._seal.close(wanted.url.get_secret_value()), self._seal.close(secret))
        values = (wanted.name, host, *sealed, wanted.subscriptions, wanted.new_secret)
        async with connection_of(self._pool) as connection, connection.transaction():
            is_new = await connection.fetchval(statement("put_webhook"), *values)
            await connection.execute(statement("renew_waiting"), wanted.name)
        return secret if is_new else None

    async def every(self) -> list[Webhook]:
        """Return all webhooks, by name."""
        return [Webhook(**row) for row in await self._fetch("select_webhooks", None)]

    async def named(self, name: str) -> Webhook | None:
        """Return a webhook; None if there is none."""
        rows = await self._fetch("select_webhooks", name)
        return Webhook(**rows[0]) if rows else None

    async def remove(self, name: str) -> bool:
        """Forget a webhook with all that is still to be told; return whether there was one."""
        return bool(await self._fetch("delete_webhook", name))

    async def begin_test(self, name: str) -> UUID:
        """Have a test sent before all else; return its id."""
        message = Envelope(
            id=uuid4(),
            source="storky/gateway",
            type=TYPE_PREFIX + TEST,
            time=datetime.now(UTC),
            data={"webhook": name},
        )
        await self._fetch("insert_test", name, message.id, TEST, message.to_bytes())
        return message.id

    async def tested(self, name: str, test_id: UUID) -> Trial | None:
        """Return what came of a test; None while it is not known."""
        rows = await self._fetch("select_test", name, test_id)
        if not rows:
            return Trial(id=test_id, problem="it was removed meanwhile")
        attempts, problem = rows[0]
        return None if attempts == 0 else Trial(id=test_id, problem=problem)

    async def end_test(self, name: str, test_id: UUID) -> None:
        """Have it tried no more."""
        await self._fetch("delete_test", name, test_id)

    async def parked(self, name: str, limit: int, offset: int) -> list[ParkedDelivery]:
        """Return deliveries that are tried no more, in the order of the log."""
        return [ParkedDelivery(**row) for row in await self._fetch("select_parked", name, limit, offset)]

    async def resend(self, name: str, delivery_id: UUID | None) -> int:
        """Have one parked delivery, or all, tried again; return how many there were."""
        return len(await self._fetch("resend_parked", name, delivery_id))

    async def _fetch(self, name: str, *values: Any) -> list[asyncpg.Record]:
        async with connection_of(self._pool) as connection:
            return await connection.fetch(statement(name), *values)
