"""Publishing, consuming, and what a handler may answer."""

from itertools import pairwise

import anyio
import pytest

from events.bus import topology
from events.bus.connection import connect
from events.bus.delivery import Again, Delivery, Done, Verdict
from events.bus.errors import NoReplyError, PublishRefusedError, UnroutableError
from events.bus.publisher import Outgoing
from events.vocabulary import Service, Step
from tests.bus.conftest import PLATFORM, Broker
from tests.bus.helpers import Recorder, command, consuming, is_empty, until

pytestmark = pytest.mark.anyio


async def test_a_command_reaches_its_consumer_with_the_publisher_the_broker_checked(broker: Broker) -> None:
    recorder = Recorder()
    sent = command(headers={"trace": "t"}, correlation_id="c")
    async with (
        connect(broker.urls(PLATFORM), "p") as platform,
        connect(broker.urls("storky-migrations"), "m") as bus,
    ):
        await platform.publish(sent)
        async with consuming(bus, recorder):
            await until(lambda: len(recorder.deliveries) == 1)
        assert await is_empty(bus)
    [delivery] = recorder.deliveries
    assert (delivery.body, delivery.message_id) == (sent.body, str(sent.message_id))
    assert (delivery.user_id, delivery.actor) == (PLATFORM, PLATFORM)
    assert delivery.routing_key == "CreateMigration"
    assert delivery.headers == {"trace": "t"}
    assert delivery.correlation_id == "c"
    assert (delivery.attempt, delivery.look, delivery.redelivered) == (0, 0, False)


async def test_a_task_goes_to_its_service_alone(broker: Broker) -> None:
    key = topology.event_key("TaskRequested", Step.DATA, Service.ADDONS)
    recorder = Recorder()
    async with (
        connect(broker.urls("storky-relay"), "r") as relay,
        connect(broker.urls("storky-addons"), "a") as addons,
        connect(broker.urls("storky-apps"), "b") as apps,
    ):
        await relay.publish(Outgoing(topology.EVENTS, key, b"{}", "1"))
        async with consuming(addons, recorder, topology.task_queue(Service.ADDONS)):
            await until(lambda: len(recorder.deliveries) == 1)
        assert await is_empty(apps, topology.task_queue(Service.APPS))


async def test_a_message_nobody_takes_is_an_error_unless_its_publisher_allows_it(broker: Broker) -> None:
    key = topology.event_key("MigrationDone")
    async with connect(broker.urls("storky-relay"), "r") as relay:
        with pytest.raises(UnroutableError, match="MigrationDone"):
            await relay.publish(Outgoing(topology.EVENTS, key, b"{}", "1"))
        await relay.publish(Outgoing(topology.EVENTS, key, b"{}", "1", mandatory=False))


async def test_a_refused_message_does_not_harm_those_published_with_it(broker: Broker) -> None:
    refused: list[str] = []
    recorder = Recorder()
    good = [command() for _ in range(20)]
    async with (
        connect(broker.urls(PLATFORM), "p") as platform,
        connect(broker.urls("storky-migrations"), "m") as bus,
    ):

        async def publish_refused() -> None:
            with pytest.raises(PublishRefusedError, match="ReportTaskFailed"):
                await platform.publish(command("ReportTaskFailed"))
            refused.append("refused")

        async with anyio.create_task_group() as group:
            for number, message in enumerate(good):
                group.start_soon(platform.publish, message)
                if number == 10:
                    group.start_soon(publish_refused)
        async with consuming(bus, recorder):
            await until(lambda: recorder.ids == {str(message.message_id) for message in good})
    assert refused


async def test_a_message_is_acknowledged_only_after_its_handler(broker: Broker) -> None:
    started = anyio.Event()

    async def hangs(_: Delivery) -> Verdict:
        started.set()
        await anyio.sleep_forever()
        return Done()

    recorder = Recorder()
    async with connect(broker.urls("storky-migrations"), "m") as bus:
        async with connect(broker.urls(PLATFORM), "p") as platform:
            await platform.publish(command())
        async with consuming(bus, hangs):
            await started.wait()
        async with consuming(bus, recorder):
            await until(lambda: len(recorder.deliveries) == 1)
    assert recorder.deliveries[0].redelivered


async def test_handlers_run_side_by_side_up_to_the_concurrency(broker: Broker) -> None:
    running = most = done = 0

    async def slow(_: Delivery) -> Verdict:
        nonlocal running, most, done
        running += 1
        most = max(most, running)
        await anyio.sleep(0.1)
        running -= 1
        done += 1
        return Done()

    async with (
        connect(broker.urls(PLATFORM), "p") as platform,
        connect(broker.urls("storky-migrations"), "m") as bus,
        consuming(bus, slow, prefetch=20, concurrency=4),
    ):
        for _ in range(12):
            await platform.publish(command())
        await until(lambda: done == 12)
    assert most == 4


async def test_again_comes_back_after_the_delay_with_its_count(broker: Broker) -> None:
    recorder = Recorder(Again(0.2, failed=True), Again(0.1, failed=False), Again(0, failed=True))
    times: list[float] = []

    async def handler(delivery: Delivery) -> Verdict:
        times.append(anyio.current_time())
        return await recorder(delivery)

    async with (
        connect(broker.urls(PLATFORM), "p") as platform,
        connect(broker.urls("storky-migrations"), "m") as bus,
        consuming(bus, handler),
    ):
        await platform.publish(command(headers={"trace": "t"}, correlation_id="c"))
        await until(lambda: len(times) == 4)
    assert [(d.attempt, d.look) for d in recorder.deliveries] == [(0, 0), (1, 0), (1, 1), (2, 1)]
    assert all(later - sooner >= 0.19 for sooner, later in pairwise(times))
    first, *copies = recorder.deliveries
    for copy in copies:
        assert copy.user_id == "storky-migrations"
        assert copy.actor == PLATFORM
        assert (copy.message_id, copy.body) == (first.message_id, first.body)
        assert (copy.routing_key, copy.headers) == ("CreateMigration", {"trace": "t"})
        assert copy.correlation_id == "c"


async def test_a_request_is_answered(broker: Broker) -> None:
    async with (
        connect(broker.urls("storky-gateway"), "g") as gateway,
        connect(broker.urls("storky-migrations"), "m") as bus,
    ):

        async def echo(delivery: Delivery) -> Verdict:
            await bus.reply(delivery, b"to " + (delivery.message_id or "").encode())
            return Done()

        answers: dict[str, bytes] = {}

        async def ask(question: Outgoing) -> None:
            answers[str(question.message_id)] = await gateway.request(question, 10)

        async with consuming(bus, echo), anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(ask, command())
    assert len(answers) == 10
    assert all(answer == b"to " + key.encode() for key, answer in answers.items())


async def test_nobody_answers_and_nobody_listens(broker: Broker) -> None:
    recorder = Recorder()
    async with (
        connect(broker.urls("storky-migrations"), "m") as bus,
        connect(broker.urls("storky-gateway"), "g") as gateway,
    ):
        with pytest.raises(NoReplyError, match="CreateMigration"):
            await gateway.request(command(), 0.3)
        await gateway.publish(command(reply_to=topology.MIGRATIONS))  # a queue that is not a reply address
        async with consuming(bus, recorder):
            await until(lambda: len(recorder.deliveries) == 2)
            for delivery in recorder.deliveries:
                await bus.reply(delivery, b"too late, or not for you")
        assert await is_empty(bus)
