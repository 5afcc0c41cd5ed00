"""The broker refuses what a user may not do, and nobody can pass for somebody else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
import anyio
import pytest
from aio_pika.abc import AbstractChannel
from aiormq.exceptions import ChannelAccessRefused, ChannelPreconditionFailed

from events.bus import topology
from events.bus.connection import connect
from events.bus.delivery import Again
from events.bus.errors import BusUnavailableError, PublishRefusedError
from events.bus.publisher import Outgoing
from events.vocabulary import Service
from tests.bus.conftest import PLATFORM, Broker
from tests.bus.helpers import Recorder, command, consuming, until

pytestmark = pytest.mark.anyio

WORKER = "storky-apps"
OTHERS_QUEUE = topology.task_queue(Service.ROUTING)


@asynccontextmanager
async def raw_channel(broker: Broker, user: str) -> AsyncIterator[AbstractChannel]:
    """What anyone with the user's password can do, past our own code."""
    async with await aio_pika.connect(broker.urls(user)[0]) as connection:
        yield await connection.channel(on_return_raises=True)


async def publish_raw(channel: AbstractChannel, key: str, message: aio_pika.Message) -> None:
    exchange = await channel.get_exchange(topology.COMMANDS, ensure=False)
    await exchange.publish(message, key, timeout=30)


FORBIDDEN = [
    (WORKER, topology.COMMANDS, "CreateMigration"),
    (WORKER, topology.EVENTS, "TaskRequested.data.apps"),
    (WORKER, topology.DEFAULT_EXCHANGE, topology.MIGRATIONS),
    (WORKER, topology.RESEND, topology.MIGRATIONS),
    (WORKER, topology.PARKED, OTHERS_QUEUE),
    (WORKER, topology.delay_exchange(OTHERS_QUEUE), "200"),
    (PLATFORM, topology.COMMANDS, "ReportTaskSucceeded"),
    (PLATFORM, topology.COMMANDS, "RemindOfHandover"),
    (PLATFORM, topology.COMMANDS, "ExpireHandover"),
    (PLATFORM, topology.PROGRESS, "some-migration"),
    (PLATFORM, topology.DEFAULT_EXCHANGE, topology.MIGRATIONS),
    (PLATFORM, topology.EVENTS, "TaskRequested.data.apps"),
    (PLATFORM, topology.PARKED, topology.MIGRATIONS),
    ("storky-gateway", topology.COMMANDS, "ReportTaskSucceeded"),
    ("storky-gateway", topology.PROGRESS, "some-migration"),
    ("storky-relay", topology.COMMANDS, "CreateMigration"),
    (WORKER, topology.COMMANDS, "ExpireHandover"),
    ("storky-timers", topology.COMMANDS, "CreateMigration"),
    ("storky-timers", topology.COMMANDS, "ReportTaskSucceeded"),
    ("storky-timers", topology.PROGRESS, "some-migration"),
    ("storky-migrations", topology.EVENTS, "TaskRequested.data.apps"),
]


async def test_publishing_is_refused(broker: Broker) -> None:
    for user, exchange, key in FORBIDDEN:
        async with connect(broker.urls(user), "t") as bus:
            with pytest.raises(PublishRefusedError, match="ACCESS_REFUSED"):
                await bus.publish(Outgoing(exchange, key, b"{}", "1"))


async def test_a_worker_reads_no_queue_but_its_own(broker: Broker) -> None:
    for queue in (topology.MIGRATIONS, OTHERS_QUEUE, topology.PARKED):
        async with raw_channel(broker, WORKER) as channel:
            with pytest.raises(ChannelAccessRefused):
                await (await channel.get_queue(queue, ensure=False)).get(timeout=30)


async def test_nobody_declares_a_queue_but_the_gateway_one_of_its_own(broker: Broker) -> None:
    for user in ("storky-migrations", "storky-gateway", WORKER, PLATFORM):
        for name in ("mine", "amq.gen-mine", *(() if user == "storky-gateway" else (None,))):
            async with raw_channel(broker, user) as channel:
                with pytest.raises(ChannelAccessRefused):
                    await channel.declare_queue(name, exclusive=True, timeout=30)


async def test_the_gateway_hears_how_far_tasks_are_and_nothing_else(broker: Broker) -> None:
    for exchange in (topology.COMMANDS, topology.EVENTS, topology.PARKED):
        async with raw_channel(broker, "storky-gateway") as channel:
            queue = await channel.declare_queue(exclusive=True, timeout=30)
            with pytest.raises(ChannelAccessRefused):
                await queue.bind(exchange, "#", timeout=30)


async def test_the_broker_refuses_somebody_elses_user_id(broker: Broker) -> None:
    async with raw_channel(broker, PLATFORM) as channel:
        with pytest.raises(ChannelPreconditionFailed):
            await publish_raw(channel, "CreateMigration", aio_pika.Message(b"{}", user_id="storky-gateway"))


@pytest.mark.parametrize("user", [PLATFORM, WORKER])
async def test_an_actor_in_a_published_command_is_not_believed(broker: Broker, user: str) -> None:
    key = "ReportTaskFailed" if user == WORKER else "CreateMigration"
    forged = {"storky-actor": "storky-routing", "storky-attempt": 7, "storky-routing-key": "RunStep"}
    recorder = Recorder()
    async with (
        connect(broker.urls(user), "p") as bus,
        connect(broker.urls("storky-migrations"), "m") as migrations,
        consuming(migrations, recorder),
    ):
        await bus.publish(command(key, headers=forged))
        await until(lambda: len(recorder.deliveries) == 1)
    [delivery] = recorder.deliveries
    assert (delivery.actor, delivery.attempt, delivery.routing_key) == (user, 0, key)
    assert delivery.headers == {}


async def test_who_said_no_name_gets_none_from_a_delay(broker: Broker) -> None:
    recorder = Recorder(Again(0.2, failed=True))
    async with (
        raw_channel(broker, PLATFORM) as channel,
        connect(broker.urls("storky-migrations"), "m") as migrations,
        consuming(migrations, recorder),
    ):
        headers: aio_pika.abc.HeadersType = {"CC": [topology.command_key("RunStep")], "x-death": "forged"}
        await publish_raw(channel, "CreateMigration", aio_pika.Message(b"{}", headers=headers))
        await until(lambda: len(recorder.deliveries) == 2)
    assert [(d.actor, d.user_id) for d in recorder.deliveries] == [(None, None), (None, "storky-migrations")]
    assert recorder.deliveries[1].headers == {}


async def test_a_wrong_password_is_no_connection(broker: Broker) -> None:
    url = broker.server.amqp_url(PLATFORM, "wrong", broker.vhost)
    async with connect([url], "p", timeout_seconds=0.5) as bus:
        with pytest.raises(BusUnavailableError):
            await bus.publish(command())


async def test_installing_again_changes_nothing(broker: Broker) -> None:
    recorder = Recorder()
    async with connect(broker.urls(PLATFORM), "p") as platform:
        await platform.publish(command())
    await broker.install()
    async with connect(broker.urls("storky-migrations"), "m") as bus, consuming(bus, recorder):
        with anyio.fail_after(30):
            await until(lambda: len(recorder.deliveries) == 1)
