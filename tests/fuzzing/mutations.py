"""Messages that are almost what they should be: the contract's examples, with something wrong.

What is made up for a value, and not for the name of a field, has MARK in it: a reason or a log line with MARK
quotes what it must not.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from random import Random
from typing import Any
from uuid import UUID

from events.contract.examples import EXAMPLES, example
from events.envelope import LARGEST_BODY

MARK = "Sesame!"  # a name that nothing of storky's can have
MARKED_NUMBER = 8675309_8675309

Envelope = dict[str, Any]

ODD: Sequence[Any] = (
    *(None, True, 0, -1, 0.5, "", [], {}),
    *(MARK, f" {MARK}\r\n", f"{MARK}\u202e😀", f"\ud800{MARK}", MARK * 1_000),
    *(MARKED_NUMBER, -MARKED_NUMBER, MARKED_NUMBER * 10**1_000, 8675309.8675309),
    *([MARK] * 100, {"any": {"thing": MARK}}),
)

_MIGRATION = "migration_id"
_VALUE = re.compile(rb': ("[^"]*"|[0-9]+)')
_LITERALS = (
    b"NaN",
    b"-Infinity",
    b"1e999999",
    b"-0",
    b"9" * 5_000,
    b"[" * 5_000,
    b'{"":' * 300,
    b"\xff",
    b"",
)
_ESCAPES = (rb"\u0000", rb"\ud800", rb"\udfff\ud800", rb"\q", rb"\u12", b"\0", b"\n", b"\xed\xa0\x80")


def fresh(random: Random, name: str) -> Envelope:
    """Return the example of a message under ids of its own."""
    envelope: Envelope = json.loads(example(name).to_bytes())
    envelope["id"] = identity(random)
    if _MIGRATION in envelope["data"]:
        envelope["data"][_MIGRATION] = identity(random)
    return envelope


def identity(random: Random) -> str:
    """Return the text of a new id."""
    return str(UUID(int=random.getrandbits(128)))


def mutated(random: Random, envelope: Envelope) -> bytes:
    """Return the message with up to three things wrong in its fields, perhaps one in how it is written."""
    for _ in range(random.randrange(4)):
        random.choice(IN_FIELDS)(random, envelope)
    body = json.dumps(envelope, ensure_ascii=random.choice((True, False))).encode(errors="surrogatepass")
    return random.choice(IN_WRITING)(random, body) if random.randrange(3) == 0 else body


def odd(random: Random) -> Any:
    """Return a value that is seldom right."""
    return deepcopy(random.choice(ODD))


def _drop(random: Random, envelope: Envelope) -> None:
    holder, key = _place(random, envelope)
    del holder[key]


def _retype(random: Random, envelope: Envelope) -> None:
    holder, key = _place(random, envelope)
    holder[key] = odd(random)


def _nest(random: Random, envelope: Envelope) -> None:
    holder, key = _place(random, envelope)
    for _ in range(random.choice((1, 5, 150))):
        holder[key] = random.choice(([holder[key]], {"nested": holder[key]}))


def _rename(random: Random, envelope: Envelope) -> None:
    holder, key = _place(random, envelope)
    value = holder.pop(key)
    if isinstance(holder, dict):
        holder[random.choice((str(key).upper(), f"{key} ", "", "name" * 1_000))] = value


def _add(random: Random, envelope: Envelope) -> None:
    holder, _ = _place(random, envelope)
    if isinstance(holder, dict):
        holder |= {f"unknown-{number}": odd(random) for number in range(random.choice((1, 20)))}
    else:
        holder.append(odd(random))


def _another_version(random: Random, envelope: Envelope) -> None:
    envelope["schemaversion"] = random.choice((0, 2, MARKED_NUMBER, -MARKED_NUMBER, str(MARKED_NUMBER), True))


def _another_type(random: Random, envelope: Envelope) -> None:
    made_up = random.choice((f"storky.{MARK}", MARK * 50, MARK * 100, "storky.", "storky.storky.RunStep"))
    envelope["type"] = random.choice((made_up, f"storky.{random.choice(sorted(EXAMPLES))}"))


def _data_of_another_type(random: Random, envelope: Envelope) -> None:
    envelope["data"] = fresh(random, random.choice(sorted(EXAMPLES)))["data"]


def _place(random: Random, envelope: Envelope) -> tuple[Any, Any]:
    return random.choice([*_places(envelope)] or [({"data": {}}, "data")])


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield what holds a value and where, for each that this one has in it (and not all of a long list)."""
    keys: Sequence[Any] = ()
    if isinstance(value, dict):
        keys = list(value)[:30]
    elif isinstance(value, list):
        keys = range(len(value))[:3]
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _cut(random: Random, body: bytes) -> bytes:
    return body[: random.randrange(len(body))]


def _replace_byte(random: Random, body: bytes) -> bytes:
    at = random.randrange(len(body))
    return body[:at] + bytes([random.randrange(256)]) + body[at + 1 :]


def _escape(random: Random, body: bytes) -> bytes:
    at = random.choice([match.start(1) for match in _VALUE.finditer(body)] or [0]) + 1
    return body[:at] + random.choice(_ESCAPES) + body[at:]


def _literal(random: Random, body: bytes) -> bytes:
    start, end = random.choice([match.span(1) for match in _VALUE.finditer(body)] or [(0, 0)])
    return body[:start] + random.choice(_LITERALS) + body[end:]


def _field_twice(random: Random, body: bytes) -> bytes:
    first = json.dumps(odd(random)).encode()
    return body.replace(
        b"{", b'{"' + random.choice((b"id", b"data", b"type", b"step")) + b'": ' + first + b", ", 1
    )


def _wrap(random: Random, body: bytes) -> bytes:
    return random.choice((b"[%s]", b'{"data": %s}', b"%s{}", b"\xef\xbb\xbf%s", b"\0%s", b"%s,")) % body


def _encode(random: Random, body: bytes) -> bytes:
    return body.decode(errors="replace").encode(random.choice(("utf-16", "utf-32", "utf-7")))


def oversized(body: bytes) -> bytes:
    """Return the message with more blanks than a message may have bytes."""
    return body + b" " * LARGEST_BODY


IN_FIELDS: Sequence[Callable[[Random, Envelope], None]] = (
    *(_drop, _retype, _nest, _rename, _add),
    *(_another_version, _another_type, _data_of_another_type),
)
IN_WRITING: Sequence[Callable[[Random, bytes], bytes]] = (
    *(_cut, _replace_byte, _escape, _literal, _field_twice, _wrap, _encode),
)
