"""Properties of messages as no library writes them: bytes that RabbitMQ takes, and passes on as they are."""

import struct
from collections.abc import Iterable, Mapping
from random import Random

from aiormq import spec

from tests.fuzzing.mutations import MARK

FRAME_MAX = 131_072  # bytes, RabbitMQ's own

Entry = tuple[bytes, bytes]  # a name, and a value with its type

# In the order in which they follow one another.
_FLAGS: Mapping[str, int] = spec.Basic.Properties.flags


class Raw(spec.Basic.Properties):
    """Properties that are written already."""

    def __init__(self, **written: bytes) -> None:
        super().__init__()
        self._written = struct.pack(">H", sum(_FLAGS[name] for name in written)) + b"".join(
            written[name] for name in _FLAGS if name in written
        )

    def marshal(self) -> bytes:
        return self._written


def short(text: bytes) -> bytes:
    return bytes([len(text)]) + text


def long(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def table(entries: Iterable[Entry]) -> bytes:
    return long(b"".join(short(name) + value for name, value in entries))


def text(content: bytes) -> bytes:
    """Return the value of a header."""
    return b"S" + long(content)


def array(*values: bytes) -> bytes:
    return b"A" + long(b"".join(values))


def nested(depth: int, kind: bytes = b"F") -> bytes:
    """Return a table in a table, or an array in an array, so many times."""
    value = b"V"
    for _ in range(depth):
        value = kind + (table([(b"", value)]) if kind == b"F" else long(value))
    return value


MARKED = MARK.encode()
NO_TEXT = b"\xff\xfe" + MARKED
LATE = b"\xff" * 8  # of times and of numbers
MICROSECONDS = struct.pack(">Q", 1_767_225_600_000_000)
NAMES = (
    b"trace",
    b"",
    NO_TEXT,
    b"n" * 255,
    b"\xc3\xa9",
    b"storky-actor",
    b"storky-attempt",
    b"x-stream",
    b"a\nb",
)
VALUES = (
    *(
        b"V",
        b"t\x01",
        b"b\xff",
        b"B\xff",
        b"s\xff\xff",
        b"u\xff\xff",
        b"I\xff\xff\xff\xff",
        b"i\xff\xff\xff\xff",
    ),
    *(b"l" + LATE, b"L" + LATE, b"T" + LATE, b"T" + MICROSECONDS, b"f\x00\x00\x00\x00", b"d" + b"\x00" * 8),
    *(
        b"D\xff\xff\xff\xff\xff",
        b"x" + long(NO_TEXT),
        text(MARKED),
        text(NO_TEXT),
        text(b""),
        text(MARKED * 200),
    ),
    *(
        array(),
        array(b"V", text(MARKED)),
        b"F" + table([(NO_TEXT, text(MARKED))]),
        nested(100),
        nested(100, b"A"),
    ),
)
LARGE = text(MARKED * 18_500)
REPLY_ADDRESSES = (
    *(
        b"storky.parked",
        b"amq.rabbitmq.reply-to.",
        b"amq.rabbitmq.reply-to.x",
        b"amq.rabbitmq.reply-to.\xff.\xff",
    ),
    *(
        b"amq.rabbitmq.reply-to.g1h2AA5yZXBseUAx.xx==",
        b"amq.rabbitmq.reply-to.g2dkAA5yYWJiaXRAbG9jYWxob3N0.abc",
    ),
)
ODD = {
    "content_type": [short(b"text/plain"), short(NO_TEXT), short(b"x" * 255)],
    "content_encoding": [short(b"gzip"), short(NO_TEXT)],
    "delivery_mode": [b"\x01", b"\x02"],
    "priority": [b"\x00", b"\xff"],
    "correlation_id": [short(b""), short(NO_TEXT), short(b"\xff" * 255)],
    "reply_to": [short(address) for address in REPLY_ADDRESSES],
    "message_id": [short(b""), short(b"\xff\xfe"), short(b"\xff" * 255), short("é".encode() * 127)],
    "timestamp": [LATE, MICROSECONDS, b"\x00" * 8],
    "message_type": [short(NO_TEXT)],
    "app_id": [short(NO_TEXT)],
    "cluster_id": [short(NO_TEXT)],
}


def headers(random: Random) -> bytes:
    """Return a table of headers, now and then nearly as large as a frame."""
    found = [(random.choice(NAMES), random.choice(VALUES)) for _ in range(random.choice((1, 3, 30)))]
    return table([(b"large", LARGE)] if random.randrange(20) == 0 else found)


def odd(random: Random) -> dict[str, bytes]:
    """Return a few properties that are seldom seen."""
    names = random.sample(sorted(ODD), random.randrange(4))
    chosen = {name: random.choice(ODD[name]) for name in names}
    return chosen | ({"headers": headers(random)} if random.randrange(3) == 0 else {})
