"""What cannot be handled is kept, with its reason, and can be sent again."""

from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta

import anyio
import pytest
import structlog

from events.bus import topology
from events.bus.connection import Bus, connect
from events.bus.consumer import MOST_ATTEMPTS
from events.bus.delivery import Delivery, Park, Verdict
from events.bus.errors import BusUnavailableError
from events.bus.parking import list_parked, resend
from tests.bus.conftest import PLATFORM, Broker
from tests.bus.helpers import Recorder, command, consuming, is_empty, until, until_parked
from tests.tcp_proxy import tcp_proxy

pytestmark = pytest.mark.anyio


async def test_a_parked_message_keeps_its_story_and_can_be_sent_again(broker: Broker) -> None:
    first, second = command(headers={"trace": "t"}), command("RunStep")
    recorder = Recorder(Park("not a command"), Park("not a command either"))
    async with (
        connect(broker.urls(PLATFORM), "p") as platform,
        connect(broker.urls("storky-migrations"), "m") as bus,
        connect(broker.urls("storky-operator"), "o") as operator,
        consuming(bus, recorder, concurrency=1),
    ):
        await platform.publish(first)
        await platform.publish(second)
        await until(lambda: len(recorder.deliveries) == 2)
        await until_parked(operator, 2)

        one, _ = await list_parked(operator, limit=10)
        assert one.reason == "not a command"
        assert one.delivery.queue == topology.MIGRATIONS
        assert (one.delivery.actor, one.delivery.routing_key) == (PLATFORM, "CreateMigration")
        assert one.parked_at is not None
        assert datetime.now(UTC) - one.parked_at < timedelta(seconds=30)
        assert len(await list_parked(operator, limit=1)) == 1

        assert await resend(operator, str(second.message_id)) == 1
        await until(lambda: len(recorder.deliveries) == 3)
        assert [parked.delivery.message_id for parked in await list_parked(operator, limit=10)] == [
            str(first.message_id)
        ]
        assert await resend(operator, None) == 1
        await until(lambda: len(recorder.deliveries) == 4)
        assert await list_parked(operator, limit=10) == []

    again = recorder.deliveries[3]
    assert (again.message_id, again.actor, again.attempt) == (str(first.message_id), PLATFORM, 0)
    assert (again.routing_key, again.headers) == ("CreateMigration", {"trace": "t"})


async def test_a_message_that_its_handler_cannot_take_ends_parked(broker: Broker) -> None:
    attempts: list[int] = []

    async def poisoned(delivery: Delivery) -> Verdict:
        attempts.append(delivery.attempt)
        raise ValueError(delivery.body)

    with structlog.testing.capture_logs() as logs:
        async with (
            connect(broker.urls(PLATFORM), "p") as platform,
            connect(broker.urls("storky-migrations"), "m") as bus,
            connect(broker.urls("storky-operator"), "o") as operator,
            consuming(bus, poisoned, ladder=(0.2,)),
        ):
            await platform.publish(command())
            await until_parked(operator, 1)
            [parked] = await list_parked(operator, limit=10)
    assert attempts == list(range(MOST_ATTEMPTS))
    assert "ValueError" in parked.reason
    logged = str(logs)
    assert "ValueError" in logged
    assert "some" in str(parked.delivery.body)
    assert "some" not in parked.reason + logged


async def test_what_kills_every_consumer_is_parked_by_the_broker(broker: Broker) -> None:
    recorder = Recorder()
    async with (
        connect(broker.urls(PLATFORM), "p") as platform,
        connect(broker.urls("storky-migrations"), "m") as bus,
        connect(broker.urls("storky-operator"), "o") as operator,
    ):
        sent = command(headers={"storky-actor": "storky-apps"})  # a forged one
        await platform.publish(sent)
        for _ in range(topology.DELIVERY_LIMIT + 1):
            assert not await is_empty(bus)
        await until_parked(operator, 1)

        [parked] = await list_parked(operator, limit=10)
        assert "delivery_limit" in parked.reason
        assert parked.parked_at is not None
        assert parked.delivery.queue == topology.MIGRATIONS
        assert parked.delivery.actor == PLATFORM

        await resend(operator, None)
        async with consuming(bus, recorder):
            await until(lambda: len(recorder.deliveries) == 1)
    [again] = recorder.deliveries
    assert (again.message_id, again.actor) == (str(sent.message_id), PLATFORM)
    assert again.routing_key == "CreateMigration"


async def test_sending_again_loses_nothing_when_it_is_cut_off(broker: Broker) -> None:
    sent = [command() for _ in range(30)]
    recorder = Recorder(*[Park("wait")] * len(sent))
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(tcp_proxy("127.0.0.1", broker.port))
        urls = broker.urls("storky-operator", port=proxy.port)
        operator = await stack.enter_async_context(connect(urls, "o", timeout_seconds=5))
        migrations = await stack.enter_async_context(connect(broker.urls("storky-migrations"), "m"))
        platform = await stack.enter_async_context(connect(broker.urls(PLATFORM), "p"))
        await stack.enter_async_context(consuming(migrations, recorder))
        for message in sent:
            await platform.publish(message)
        await until_parked(operator, len(sent))

        async with anyio.create_task_group() as group:
            group.start_soon(_resend_all, operator)
            await until(lambda: len(recorder.deliveries) > len(sent) + 5)
            proxy.cut()
            wanted = {str(message.message_id) for message in sent}
            await until(lambda: {d.message_id for d in recorder.deliveries[len(sent) :]} == wanted)
            group.cancel_scope.cancel()


async def _resend_all(operator: Bus) -> None:
    while True:
        with suppress(BusUnavailableError):
            await resend(operator, None)


async def test_sending_again_what_is_not_there_sends_nothing(broker: Broker) -> None:
    async with connect(broker.urls("storky-operator"), "o") as operator:
        assert await resend(operator, None) == 0
        assert await resend(operator, "8f4bd7f1-4d52-4dc0-8b6c-3f3a8cf2e0aa") == 0
