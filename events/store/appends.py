"""What the writer hands to the log for each command, and what it gets back."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from pydantic.dataclasses import dataclass as validated

from events.store.records import NewEvent, StreamName, Text, Version


@validated(frozen=True, slots=True)
class StreamWrite:
    """Events for one stream.

    `expected_version` is the version the decision was made on: 0 says that the stream must not exist, None
    that any version will do.
    """

    stream: StreamName
    expected_version: Version | None
    events: tuple[NewEvent, ...]


@validated(frozen=True, slots=True)
class Accepted:
    """The command was carried out; its answer names this stream and the version it reached."""

    stream: StreamName


@validated(frozen=True, slots=True)
class Rejected:
    """The command was refused, and why: a stable code and a sentence, both safe to keep for ever."""

    stream: StreamName
    code: Text
    reason: Text


Verdict = Accepted | Rejected


@validated(frozen=True, slots=True)
class Append:
    """A command's whole effect: all of it is written, or nothing. `writes` may be empty.

    `digest` tells the command from another one under the same id; None says that any such is the same.
    """

    command_id: UUID
    verdict: Verdict
    writes: tuple[StreamWrite, ...]
    digest: bytes | None = None


class CommandOutcome(NamedTuple):
    """What is kept about a command, as the table stores it.

    `version` is that of `stream` once the command was handled; `position` is the command's last event, or the
    log's head at that time if it had none.
    """

    command_id: UUID
    accepted: bool
    stream: str
    version: int
    position: int
    code: str | None
    reason: str | None
    digest: bytes | None


@dataclass(frozen=True, slots=True)
class Appended:
    """It was written, now."""

    outcome: CommandOutcome


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The command had been handled before; nothing was written. This is its outcome of that time."""

    outcome: CommandOutcome


@dataclass(frozen=True, slots=True)
class IdReused:
    """Another command was handled under this id before; nothing was written."""


@dataclass(frozen=True, slots=True)
class VersionConflict:
    """A stream has moved on; nothing of this append was written. Load it again and decide again."""

    stream: str
    expected: int
    actual: int


Outcome = Appended | Duplicate | IdReused | VersionConflict
