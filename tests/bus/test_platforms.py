"""An internal platform at the broker: what it gets, and that it can pass for nobody else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import aio_pika
import anyio
import pytest
from aio_pika.abc import AbstractChannel
from aiormq.exceptions import ChannelAccessRefused, ChannelPreconditionFailed, ProbableAuthenticationError

from events.bus import platforms, topology
from events.bus.connection import Bus, connect
from events.bus.delivery import Delivery, Park, Verdict
from events.bus.errors import InstallError
from events.bus.keys import matches
from events.bus.management import Management, management
from events.bus.parking import resend
from events.bus.publisher import Outgoing
from events.vocabulary import OPERATOR, WORKERS
from tests.bus.conftest import Broker
from tests.bus.helpers import Recorder, consuming, is_empty, until

pytestmark = pytest.mark.anyio

SUBSCRIPTIONS = ("MigrationDone.#", "*.data.addons")


@dataclass(frozen=True)
class Platform:
    name: str
    url: str

    @property
    def queue(self) -> str:
        return topology.platform_queue(self.name)

    @asynccontextmanager
    async def channel(self) -> AsyncIterator[AbstractChannel]:
        """What anyone with its password can do."""
        async with await aio_pika.connect(self.url) as connection:
            yield await connection.channel(on_return_raises=True)


@pytest.fixture
async def api(broker: Broker) -> AsyncIterator[Management]:
    node = broker.server
    login = (node.admin_user, node.admin_password)
    async with management(node.management_url, *login, broker.vhost) as api:
        yield api


@pytest.fixture
async def billing(broker: Broker, api: Management) -> AsyncIterator[Platform]:
    async with platform(broker, api, "billing", SUBSCRIPTIONS) as billing:
        yield billing


@asynccontextmanager
async def platform(
    broker: Broker, api: Management, kind: str, subscriptions: tuple[str, ...]
) -> AsyncIterator[Platform]:
    name = f"{kind}-{uuid4().hex[:8]}"  # users belong to the whole node
    await platforms.add(api, name, subscriptions, "first-password")
    try:
        yield Platform(name, broker.server.amqp_url(name, "first-password", broker.vhost))
    finally:
        await platforms.remove(api, name)


async def read(platform: Platform) -> list[str | None]:
    """Take everything that is in its queue."""
    ids: list[str | None] = []
    async with platform.channel() as channel:
        queue = await channel.get_queue(platform.queue, ensure=False)
        while message := await queue.get(fail=False, timeout=30):
            await message.ack()
            ids.append(message.message_id)
    return ids


async def publish(broker: Broker, user: str, *outgoing: Outgoing) -> None:
    async with connect(broker.urls(user), user) as bus:
        for message in outgoing:
            await bus.publish(message)


def event(key: str) -> Outgoing:
    return Outgoing(topology.EVENTS, key, b"{}", key, mandatory=False)


KEYS = ("MigrationDone.-.-", "TaskSucceeded.data.addons", "TaskSucceeded.data.apps", "StepStarted.data.-")


async def test_its_queue_gets_what_it_subscribes_to_and_what_is_sent_to_it_again(
    broker: Broker, billing: Platform
) -> None:
    await publish(broker, "storky-relay", *map(event, KEYS))
    await publish(broker, OPERATOR, Outgoing(topology.REPLAY, billing.queue, b"{}", "again"))
    assert await read(billing) == ["MigrationDone.-.-", "TaskSucceeded.data.addons", "again"]
    routed = [key for key in KEYS if any(matches(pattern, key) for pattern in SUBSCRIPTIONS)]
    assert routed == ["MigrationDone.-.-", "TaskSucceeded.data.addons"]


async def test_adding_it_again_changes_what_it_gets_and_keeps_its_password_and_its_messages(
    broker: Broker, billing: Platform, api: Management
) -> None:
    await publish(broker, "storky-relay", event("MigrationDone.-.-"))
    await platforms.add(api, billing.name, ("StepStarted.#",), None)
    await publish(broker, "storky-relay", *map(event, KEYS))
    assert await read(billing) == ["MigrationDone.-.-", "StepStarted.data.-"]
    await platforms.add(api, billing.name, (), "second-password")
    with pytest.raises(ProbableAuthenticationError):
        await read(billing)


async def test_removing_it_closes_its_connections_and_takes_its_queue(
    billing: Platform, api: Management
) -> None:
    async with await aio_pika.connect(billing.url) as connection:
        closed = anyio.Event()
        connection.close_callbacks.add(lambda *_: closed.set())
        assert await platforms.remove(api, billing.name)
        with anyio.fail_after(30):
            await closed.wait()
    queues = (await api.call("GET", "queues", api.vhost)).json()
    assert billing.queue not in {queue["name"] for queue in queues}
    assert not await platforms.remove(api, billing.name)


async def test_users_that_are_no_platforms_are_never_touched(broker: Broker, api: Management) -> None:
    for name in (broker.server.admin_user, "storky-apps"):
        with pytest.raises(InstallError, match="not a platform's"):
            await platforms.known(api, name)
        with pytest.raises(InstallError, match="not a platform's"):
            await platforms.remove(api, name)


# Where a report, a task, an event or an answer could be slipped in.
ELSEWHERE = [
    (topology.COMMANDS, "ReportTaskSucceeded"),
    (topology.COMMANDS, "ReportTaskFailed"),
    (topology.COMMANDS, "RefuseCommand"),
    (topology.COMMANDS, "RegisterPlatform"),
    (topology.EVENTS, "TaskRequested.data.apps"),
    (topology.PROGRESS, "some-migration"),
    (topology.PARKED, topology.MIGRATIONS),
    (topology.RESEND, topology.MIGRATIONS),
    (topology.REPLAY, "storky.platform.portal"),
    (topology.DEFAULT_EXCHANGE, topology.MIGRATIONS),
    (topology.DEFAULT_EXCHANGE, topology.task_queue(WORKERS[0])),
    *((topology.delay_exchange(queue), "200") for queue in topology.WORK_QUEUES),
]


async def test_it_can_publish_nothing_but_its_commands_and_in_no_name_but_its_own(billing: Platform) -> None:
    for exchange, key in ELSEWHERE:
        async with billing.channel() as channel:
            target = await channel.get_exchange(exchange, ensure=False)
            with pytest.raises(ChannelAccessRefused):
                await target.publish(aio_pika.Message(b"{}", user_id=billing.name), key, timeout=30)
    for user in ("storky-apps", "storky-gateway", OPERATOR):
        async with billing.channel() as channel:
            commands = await channel.get_exchange(topology.COMMANDS, ensure=False)
            with pytest.raises(ChannelPreconditionFailed):
                await commands.publish(aio_pika.Message(b"{}", user_id=user), "RunStep", timeout=30)


async def test_it_reads_no_queue_but_its_own_and_leads_nothing_there(
    broker: Broker, billing: Platform, api: Management
) -> None:
    async with platform(broker, api, "portal", ()) as portal:
        for name in (portal.queue, topology.PARKED, *topology.WORK_QUEUES):
            async with billing.channel() as channel:
                with pytest.raises(ChannelAccessRefused):
                    await (await channel.get_queue(name, ensure=False)).get(timeout=30)
    for exchange in (topology.EVENTS, topology.COMMANDS, topology.PARKED):
        async with billing.channel() as channel:
            queue = await channel.get_queue(billing.queue, ensure=False)
            with pytest.raises(ChannelAccessRefused):
                await queue.bind(exchange, "#", timeout=30)
    for declared in (billing.queue, None):
        async with billing.channel() as channel:
            with pytest.raises(ChannelAccessRefused):
                await channel.declare_queue(declared, exclusive=declared is None, timeout=30)


class Answering(Recorder):
    """Parks what it gets first, and answers everything."""

    def __init__(self, bus: Bus) -> None:
        super().__init__(Park("unreadable"))
        self._bus = bus

    async def __call__(self, delivery: Delivery) -> Verdict:
        await self._bus.reply(delivery, b"an answer")
        return await super().__call__(delivery)


async def test_a_detour_over_the_parked_messages_or_the_replies_leads_nowhere(
    broker: Broker, billing: Platform
) -> None:
    """What pretends, is parked, and is sent again by the operator, is still the platform's."""
    worker_queue = topology.task_queue(WORKERS[0])
    message = aio_pika.Message(
        b"{}",
        headers={"storky-actor": "storky-apps", "storky-routing-key": "ReportTaskSucceeded"},
        user_id=billing.name,
        reply_to=worker_queue,
    )
    async with (
        connect(broker.urls("storky-migrations"), "m") as migrations,
        connect(broker.urls(OPERATOR), "o") as operator,
        billing.channel() as channel,
    ):
        commands = await channel.get_exchange(topology.COMMANDS, ensure=False)
        await commands.publish(message, "RunStep", timeout=30)
        seen = Answering(migrations)
        async with consuming(migrations, seen):
            with anyio.fail_after(30):
                while not await resend(operator, None):
                    await anyio.sleep(0.05)
            await until(lambda: len(seen.deliveries) == 2)
    assert {(each.actor, each.routing_key) for each in seen.deliveries} == {(billing.name, "RunStep")}
    async with connect(broker.urls("storky-apps"), "a") as worker:
        assert await is_empty(worker, worker_queue)
