"""Whatever the properties of a message are: they are read, and what cannot be handled can be parked."""

import struct
from random import Random

from aio_pika import IncomingMessage
from aiormq import spec
from aiormq.abc import DeliveredMessage
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pamqp.header import ContentHeader

from events.bus import copies, lenient
from events.bus.delivery import Delivery
from events.bus.topology import MIGRATIONS
from tests.fuzzing.properties import (
    FRAME_MAX,
    LATE,
    NAMES,
    NO_TEXT,
    Raw,
    array,
    nested,
    odd,
    short,
    table,
    text,
)

entries = st.tuples(
    st.sampled_from(NAMES) | st.binary(max_size=255),
    st.binary(max_size=500).map(text) | st.binary().map(array),
)


def delivered(properties: Raw) -> Delivery:
    """Return what a consumer gets, from the bytes as the broker sends them."""
    lenient.install()
    header = ContentHeader()
    header.unmarshal(struct.pack(">HHQ", spec.Basic.frame_id, 0, 4) + properties.marshal())
    deliver = spec.Basic.Deliver(exchange="storky.commands", routing_key="RunStep", delivery_tag=1)
    message = DeliveredMessage(delivery=deliver, header=header, body=b"body", channel=None)  # type: ignore[arg-type]
    return copies.read(IncomingMessage(message), MIGRATIONS)


def check(delivery: Delivery) -> None:
    """Its copy can be written, in one frame, and says of itself what it must."""
    copy = copies.parked(delivery, "reason" * 10_000)
    header = spec.Basic.Properties(
        headers=dict(copy.headers),
        message_id=str(copy.message_id),
        correlation_id=copy.correlation_id,
        reply_to=copy.reply_to,
    )
    assert len(header.marshal()) < FRAME_MAX - 1_000
    assert str(copy.headers[copies.REASON]).startswith("reason")
    assert copy.headers[copies.ACTOR] == (delivery.actor or "")


@settings(max_examples=500)
@given(st.integers(min_value=0))
def test_odd_properties(seed: int) -> None:
    random = Random(seed)
    user = random.choice(({}, {"user_id": short(b"billing")}))
    delivery = delivered(Raw(**odd(random) | user))
    assert delivery.actor == ("billing" if user else None)
    assert (delivery.attempt, delivery.look, delivery.routing_key) == (0, 0, "RunStep")
    check(delivery)


@settings(max_examples=100)
@given(st.lists(entries, max_size=100))
@example([(b"deep", nested(1_200))])
@example([(b"deep", nested(1_500, b"A"))])
@example([(b"wide", array(b"V" * 100_000))])
@example([(b"%d" % number, text(b"x" * 400)) for number in range(315)])
def test_tables_of_headers(found: list[tuple[bytes, bytes]]) -> None:
    check(delivered(Raw(headers=table(found))))


def test_what_can_be_read_beside_what_cannot_is_read() -> None:
    found = [(NO_TEXT, b"T" + LATE), (b"deep", nested(1_500)), (b"last", text(b"is read"))]
    assert delivered(Raw(headers=table(found))).headers == {"last": "is read"}
