"""The hash chain: each event's hash covers all its columns and the hash before it.

So nobody can change, remove or insert an event without recomputing every later hash, which a head noted
elsewhere reveals. The hash is SHA-256 over the previous hash (32 zero bytes before the first event) and then
each column in the table's order, as UTF-8 text led by its length in bytes (8 bytes, big-endian): integers in
decimal, UUIDs in canonical form, the time as microseconds since 1970-01-01 UTC.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from struct import Struct
from typing import NamedTuple
from uuid import UUID

GENESIS = bytes(32)
_LENGTH = Struct(">Q").pack
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Row(NamedTuple):
    """An event exactly as the table stores it."""

    position: int
    stream: str
    version: int
    id: UUID
    type: str
    schema_version: int
    data: str
    metadata: str
    recorded_at: datetime
    hash: bytes


def link(previous: bytes, columns: Iterable[int | str | UUID | datetime]) -> bytes:
    """Return the hash of an event, given the one before it and all its columns but the hash."""
    return link_texts(previous, texts(columns))


def texts(columns: Iterable[int | str | UUID | datetime]) -> Iterator[str]:
    """Yield columns in the form that is hashed."""
    return map(_canonical, columns)


def link_texts(previous: bytes, texts: Iterable[str]) -> bytes:
    """Return the same, given the columns in the form that is hashed."""
    parts = [previous]
    for text in texts:
        encoded = text.encode()
        parts += (_LENGTH(len(encoded)), encoded)
    return sha256(b"".join(parts)).digest()


def _canonical(column: int | str | UUID | datetime) -> str:
    if isinstance(column, datetime):
        return str((column - _EPOCH) // timedelta(microseconds=1))
    return str(column)
