"""Messages that count only now: heard by who listens, and never in the way of the work they tell of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import anyio
import pytest
import structlog

from events.bus import topology
from events.bus.connection import Bus, connect
from tests.bus.conftest import Broker
from tests.bus.helpers import until
from tests.tcp_proxy import tcp_proxy

pytestmark = pytest.mark.anyio

WORKER, GATEWAY = "storky-addons", "storky-gateway"


class Announcements:
    """Numbers that a worker publishes without a pause, and those that are heard."""

    def __init__(self) -> None:
        self.heard: list[int] = []

    async def publish(self, bus: Bus) -> None:
        for number in count():
            await bus.publish_transient(topology.PROGRESS, "some-migration", b"%d" % number)
            await anyio.sleep(0.01)

    def hear(self, body: bytes) -> None:
        self.heard.append(int(body))

    async def goes_on(self) -> None:
        """Return when a number is heard that was not before."""
        known = len(self.heard)
        await until(lambda: len(self.heard) > known, seconds=30)


@asynccontextmanager
async def announcing(worker: Bus, gateway: Bus) -> AsyncIterator[Announcements]:
    announcements = Announcements()
    async with anyio.create_task_group() as group:
        group.start_soon(gateway.listen, topology.PROGRESS, "#", announcements.hear)
        group.start_soon(announcements.publish, worker)
        await announcements.goes_on()
        yield announcements
        group.cancel_scope.cancel()


async def test_who_listens_hears_on_through_every_loss_of_a_connection_or_a_channel(broker: Broker) -> None:
    async with (
        tcp_proxy("127.0.0.1", broker.port) as proxy,
        connect(broker.urls(WORKER, port=proxy.port), "w") as worker,
        connect(broker.urls(GATEWAY, port=proxy.port), "g") as gateway,
        announcing(worker, gateway) as announcements,
    ):
        for _ in range(3):
            proxy.cut()
            await announcements.goes_on()
        for exchange in ("no-such-exchange", topology.EVENTS):  # the broker closes the channel
            await worker.publish_transient(exchange, "some-migration", b"{}")
            await announcements.goes_on()
    assert announcements.heard == sorted(set(announcements.heard))


async def test_what_cannot_be_sent_is_dropped_and_logged_without_its_content(broker: Broker) -> None:
    with structlog.testing.capture_logs() as logs:
        async with connect(["amqp://storky-addons:secret@127.0.0.1:1/"], "w") as nowhere:
            with anyio.fail_after(30):
                await nowhere.publish_transient(topology.PROGRESS, "some-migration", b"content")
    (dropped,) = [line for line in logs if line["action"] == "bus.transient"]
    assert "content" not in str(dropped)
