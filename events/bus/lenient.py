"""Read the properties of a message as far as they can be read.

A publisher may say to the broker what the AMQP library cannot read: a time in microseconds is in a year that
Python does not know, a name need not be UTF-8, and tables may lie in one another as deep as a frame is long.
The library would end the connection for it, and all that others wait for there, at each redelivery again. The
broker has checked the lengths, so it is always known where the next value begins.
"""

from collections.abc import Callable

from pamqp import decode
from pamqp.common import FieldTable, FieldValue

LARGEST_NESTED = 8 * 1024  # bytes; the library's time for a table or an array grows with its square

_LONGEST_TEXT = 256
_LENGTH = 4
_TIMESTAMP = 8
_SIZES = {
    **dict.fromkeys((b"V", b"\x00"), 0),
    **dict.fromkeys((b"t", b"b", b"B"), 1),
    **dict.fromkeys((b"s", b"u"), 2),
    **dict.fromkeys((b"I", b"i", b"f"), 4),
    b"D": 5,
    **dict.fromkeys((b"l", b"L", b"d", b"T"), 8),
}  # of values by their type; any other begins with its length
_NESTED = (b"F", b"A")
_UNREADABLE = (ArithmeticError, LookupError, OSError, RecursionError, ValueError)


def install() -> None:
    """Put these decoders where the library looks for its own."""
    decode.METHODS.update(shortstr=short_text, timestamp=timestamp, table=table)


def short_text(value: bytes) -> tuple[int, str]:
    """Return the bytes used and the text, which is never longer than they are."""
    end = 1 + value[0]
    return end, value[1:end].decode(errors="replace").replace("\N{REPLACEMENT CHARACTER}", "?")


def timestamp(value: bytes) -> tuple[int, FieldValue]:
    """Return the bytes used and the time, None for one that Python does not know."""
    return _TIMESTAMP, _read(decode.timestamp, value)


def table(value: bytes) -> tuple[int, FieldTable]:
    """Return the bytes used and the entries, without what is large; what cannot be read is None."""
    end = _LENGTH + int.from_bytes(value[:_LENGTH])
    at = _LENGTH
    entries: FieldTable = {}
    while at < end:
        used, name = short_text(value[at : at + _LONGEST_TEXT])
        kind, at = value[at + used : at + used + 1], at + used + 1
        size = _SIZES.get(kind, _LENGTH + int.from_bytes(value[at : at + _LENGTH]))
        if kind not in _NESTED or size <= LARGEST_NESTED:
            entries[name] = _read(decode.TABLE_MAPPING.get(kind, decode.void), value[at : at + size])
        at += size
    return end, entries


def _read(decoder: Callable[..., tuple[int, FieldValue]], value: bytes) -> FieldValue:
    try:
        return decoder(value)[1]
    except _UNREADABLE:
        return None
