from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import anyio

from events.bus import topology
from events.bus.connection import Bus
from events.bus.delivery import Delivery, Done, Handler, Verdict
from events.bus.parking import list_parked
from events.bus.publisher import Outgoing


def command(name: str = "CreateMigration", message_id: UUID | None = None, **more: Any) -> Outgoing:
    key = topology.command_key(name)
    return Outgoing(topology.COMMANDS, key, b'{"some": "body"}', message_id or uuid4(), **more)


class Recorder:
    """A handler that keeps what it was given, and answers what it was told to."""

    def __init__(self, *verdicts: Verdict) -> None:
        self.deliveries: list[Delivery] = []
        self._verdicts = list(verdicts)

    async def __call__(self, delivery: Delivery) -> Verdict:
        self.deliveries.append(delivery)
        return self._verdicts.pop(0) if self._verdicts else Done()

    @property
    def ids(self) -> set[str | None]:
        return {delivery.message_id for delivery in self.deliveries}


@asynccontextmanager
async def consuming(
    bus: Bus, handler: Handler, queue: str = topology.MIGRATIONS, **more: Any
) -> AsyncIterator[None]:
    async def consume() -> None:
        await bus.consume(queue, handler, **{"prefetch": 20, "concurrency": 20} | more)

    async with anyio.create_task_group() as group:
        group.start_soon(consume)
        yield
        group.cancel_scope.cancel()


async def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    with anyio.fail_after(seconds):
        while not condition():
            await anyio.sleep(0.02)


async def is_empty(bus: Bus, queue: str = topology.MIGRATIONS) -> bool:
    """Tell whether nothing waits in the queue, nor comes back to it when this channel ends."""
    async with bus.link.channel(anyio.current_time() + 10) as channel:
        return await (await channel.get_queue(queue, ensure=False)).get(fail=False) is None


async def until_parked(operator: Bus, count: int) -> None:
    with anyio.fail_after(30):
        while len(await list_parked(operator, limit=count)) < count:
            await anyio.sleep(0.05)
