"""A client that polls an app while it is migrated, and counts what its users would have felt."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import httpx

INTERVAL = 0.05  # seconds between two requests
PATIENCE = 2.0  # seconds after which a request counts as failed


@dataclass
class Felt:
    """What the client saw."""

    requests: int = 0
    failed: int = 0
    longest_outage: float = 0.0
    _last_good: float = field(default_factory=anyio.current_time)

    def record(self, *, good: bool) -> None:
        """Count one request that has just been answered, or not."""
        now = anyio.current_time()
        self.requests += 1
        if good:
            self.longest_outage = max(self.longest_outage, now - self._last_good)
            self._last_good = now
        else:
            self.failed += 1


@asynccontextmanager
async def polling(front: str, host: str) -> AsyncIterator[Felt]:
    """Poll `http://host/` through a front, every 50 ms, until the block ends."""
    felt = Felt()
    async with (
        httpx.AsyncClient(base_url=front, headers={"Host": host}, timeout=PATIENCE) as client,
        anyio.create_task_group() as group,
    ):
        group.start_soon(_poll, client, felt)
        yield felt
        group.cancel_scope.cancel()


async def _poll(client: httpx.AsyncClient, felt: Felt) -> None:
    while True:
        try:
            good = (await client.get("/")).is_success
        except httpx.TransportError:
            good = False
        felt.record(good=good)
        await anyio.sleep(INTERVAL)
