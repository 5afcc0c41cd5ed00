"""Webhooks as they run: the gateway's tables, the real service and a log, between the tests' hands."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import anyio
import asyncpg
from anyio.from_thread import start_blocking_portal
from pydantic import SecretStr

from events.facts import Fact
from events.store import Log
from services.common.sealing import Seal
from services.gateway.webhooks.model import NewWebhook, Webhook
from services.gateway.webhooks.store import Webhooks
from services.webhooks.__main__ import Settings, main
from tests.audit.samples import aborted, claimed, publish
from tests.webhooks.receiver import Receiver

KEY = "a-key-of-the-tests-that-seals-webhooks"
SECONDS = 30  # that something may take
_DOCUMENT = Path(__file__).parents[2] / "docs/webhooks.md"


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Return the event, verified by the code that docs/webhooks.md gives to receivers."""
    (code,) = re.findall(r"```python\n(.+?)```", _DOCUMENT.read_text(), re.DOTALL)
    known: dict[str, Any] = {}
    exec(code, known)  # noqa: S102 - it is ours
    event: dict[str, Any] = known["verified"](secret, headers, body)
    return event


@dataclass
class System:
    """What the tests talk to; `settings` are of every service that is started."""

    url: str
    pool: asyncpg.Pool
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def webhooks(self) -> Webhooks:
        return Webhooks(self.pool, Seal(KEY))

    async def add(self, receiver: Receiver | str, *keys: str, name: str = "billing", **more: Any) -> str:
        """Have a receiver told of what these keys match; return its secret."""
        url = receiver if isinstance(receiver, str) else receiver.url
        wanted = NewWebhook(name=name, url=SecretStr(url), subscriptions=list(keys or ("#",)), **more)
        return await self.webhooks.put(wanted, str(urlsplit(url).hostname)) or ""

    async def happen(self, *facts: Fact) -> list[str]:
        """Append facts, or three of a new migration; return their ids."""
        before = await Log(self.pool).head()
        await publish(Log(self.pool), list(facts) or claimed("shop", uuid4()))
        return [str(event.id) for event in await Log(self.pool).read_all(before, 1000)]

    async def abort(self) -> list[str]:
        """Append three facts of other types; return their ids."""
        return await self.happen(*aborted("shop", uuid4()))

    async def state(self, name: str = "billing") -> Webhook:
        found = await self.webhooks.named(name)
        assert found
        return found

    async def until(self, condition: Callable[[Webhook], bool], name: str = "billing") -> Webhook:
        """Return the webhook when it is as the condition says."""
        with anyio.fail_after(SECONDS):
            while not condition(state := await self.state(name)):
                await anyio.sleep(0.02)
        return state

    @contextmanager
    def sending(self, url: str | None = None, **settings: Any) -> Iterator[None]:
        """Run the service for as long as the block lasts, with the rights that it has.

        On a thread of its own: what it cancels at its end is no error of the test's event loop.
        """
        database = urlsplit(url or self.url)._replace(query="role=storky_webhook_sender").geturl()
        given = {"database_url": database, "webhook_key": KEY, **self.settings, **settings}
        with start_blocking_portal() as portal:
            service = portal.start_task_soon(main, Settings(**given))
            yield
            service.cancel()
