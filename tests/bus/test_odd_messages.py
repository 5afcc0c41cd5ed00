"""What a publisher may say beside the body, however odd: no connection ends for it, and nothing is lost."""

import pytest

from events.bus.connection import connect
from events.bus.delivery import Delivery, Park, Verdict
from events.bus.parking import list_parked, resend
from tests.bus.conftest import PLATFORM, Broker
from tests.bus.helpers import Recorder, command, consuming, is_empty, until, until_parked
from tests.fuzzing.mail import USER, Mail, publish
from tests.fuzzing.properties import LARGE, LATE, MICROSECONDS, NO_TEXT, array, nested, short, table, text

pytestmark = pytest.mark.anyio

HEADERS = {
    "a time too late": (b"time", b"T" + LATE),
    "a name that is no text": (NO_TEXT, b"t\x01"),
    "a name that is too long": (b"n" * 255, b"t\x01"),
    "tables in tables": (b"deep", nested(500)),
    "a long array": (b"wide", array(b"V" * 50_000)),
    "as much as a frame has room for": (b"large", LARGE),
}
PROPERTIES = {
    "a time in microseconds": {"timestamp": MICROSECONDS},
    "an id that is no text": {"message_id": short(b"\xff" * 255)},
    "another id that is no text": {"correlation_id": short(NO_TEXT)},
    **{kind: {"headers": table([header])} for kind, header in HEADERS.items()},
}


async def test_a_message_with_odd_properties_can_be_parked_and_sent_again(broker: Broker) -> None:
    sent = [Mail("RunStep", kind.encode(), USER | odd) for kind, odd in PROPERTIES.items()]
    recorder = Recorder(*[Park("read it")] * len(sent))
    async with (
        connect(broker.urls("storky-migrations"), "m") as bus,
        connect(broker.urls("storky-operator"), "o") as operator,
        consuming(bus, recorder),
    ):
        await publish(broker.urls(PLATFORM)[0], sent)
        await until_parked(operator, len(sent))
        parked = await list_parked(operator, limit=100)
        assert await resend(operator, None) == len(sent)
        await until(lambda: len(recorder.deliveries) == 2 * len(sent))
    assert {one.delivery.body.decode() for one in parked} == PROPERTIES.keys()
    assert {(one.reason, one.delivery.actor) for one in parked} == {("read it", PLATFORM)}
    assert not any(one.redelivered for one in recorder.deliveries)


# The first looks like what a broker makes, but no node has that number: a node that is gone looks so, too.
GONE = b"amq.rabbitmq.reply-to.g1h2AA9yZXBseUAxMjE4OTkyMDEAAAliAAAQxGUp3Wg=.V/BE0fSg1i3Cp0bpYeJqWw=="
ADDRESSES = (
    GONE,
    b"amq.rabbitmq.reply-to.g1h2AA5yZXBseUAx.xx==",
    b"amq.rabbitmq.reply-to.g2dkAA5yYWJiaXRAbG9jYWxob3N0.abc",
    b"amq.rabbitmq.reply-to.\xff.\xff",
    b"amq.rabbitmq.reply-to.",
)


async def test_a_reply_to_nowhere_harms_neither_the_consumer_nor_other_replies(broker: Broker) -> None:
    async with (
        connect(broker.urls("storky-migrations"), "m") as bus,
        connect(broker.urls("storky-migrations"), "r", timeout_seconds=1) as replies,
        connect(broker.urls("storky-gateway"), "g") as gateway,
    ):
        recorder = Recorder()

        async def reply(delivery: Delivery) -> Verdict:
            await replies.reply(delivery, delivery.body)
            return await recorder(delivery)

        async with consuming(bus, reply):
            nowhere = [Mail("RunStep", address, USER | {"reply_to": short(address)}) for address in ADDRESSES]
            await publish(broker.urls(PLATFORM)[0], nowhere)
            question = command()
            assert await gateway.request(question, 10) == question.body
            await until(lambda: len(recorder.deliveries) == len(ADDRESSES) + 1)
        assert await is_empty(bus)
    assert not any(one.redelivered for one in recorder.deliveries)


async def test_what_expires_before_anybody_takes_it_is_parked(broker: Broker) -> None:
    expires = USER | {"expiration": short(b"1")}
    entry = [
        (b"queue", text(b"storky.migrations")),
        (b"reason", text(b"expired")),
        (b"time", text(b"no time")),
    ]
    forged = {"headers": table([(b"x-death", array(b"F" + table(entry)))])}
    async with connect(broker.urls("storky-operator"), "o") as operator:
        await publish(
            broker.urls(PLATFORM)[0],
            [Mail("RunStep", b"1", expires), Mail("RunStep", b"2", expires | forged)],
        )
        await until_parked(operator, 2)
        for parked in await list_parked(operator, limit=10):
            assert parked.reason.startswith("it expired before anybody took it")
            assert parked.delivery.actor == PLATFORM
