"""What is appended for a decision: its events, and the command's outcome."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from events.facts import CommandRejected, Fact
from events.store import Accepted, Append, NewEvent, Rejected, StreamWrite
from events.vocabulary import AppRef, publisher_stream
from services.migrations.intake import Received
from services.migrations.rejections import RejectedError

Versions = dict[str, int]


def accepted(received: Received, stream: str, new: Sequence[Fact], versions: Versions) -> Append:
    """Return the effect of a command whose answer names this stream.

    Streams that the decision did not read, and so have no version here, may be at any.
    """
    writes = _writes(received, received.command_id, new, versions)
    return Append(received.command_id, Accepted(stream), writes, received.digest)


def rejected(
    received: Received,
    rejection: RejectedError,
    *,
    app: AppRef | None = None,
    command_type: str | None = None,
    command_id: UUID | None = None,
) -> Append:
    """Return the record of a refusal, under the command's own id and type unless others are given."""
    stored_under = command_id or received.command_id
    fact = CommandRejected(
        publisher=received.publisher,
        command_id=received.envelope.id,
        command_type=command_type or received.envelope.name,
        migration_id=received.migration_id,
        app=app,
        code=rejection.code,
        reason=rejection.reason,
    )
    verdict = Rejected(publisher_stream(received.publisher), rejection.code, rejection.reason)
    return Append(stored_under, verdict, _writes(received, stored_under, [fact], {}), received.digest)


def id_reused(received: Received) -> Append:
    """Return the refusal of a command under an id that has another command's outcome already."""
    assert received.digest is not None
    rejection = RejectedError(
        "id_reused",
        f"You have sent another command with the id {received.envelope.id}; give each its own.",
    )
    return rejected(received, rejection, command_id=uuid5(received.command_id, received.digest.hex()))


def _writes(
    received: Received, command_id: UUID, new: Sequence[Fact], versions: Versions
) -> tuple[StreamWrite, ...]:
    """Group the events by stream."""
    metadata = received.metadata()
    by_stream: dict[str, list[NewEvent]] = {}
    for place, fact in enumerate(new):
        event = NewEvent.of(fact, id=uuid5(command_id, str(place)), metadata=metadata)
        by_stream.setdefault(fact.stream, []).append(event)
    return tuple(
        StreamWrite(stream, versions.get(stream), tuple(group)) for stream, group in by_stream.items()
    )
