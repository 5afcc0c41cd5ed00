"""A migration as it was: after one of its versions, or at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from events.store import RecordedEvent
from projections.status import MigrationStatus
from projections.status.fold import status_at
from services.common import times
from services.gateway.audit.wanted import not_before, not_in_future
from services.gateway.errors import invalid


def _moment(text: str) -> int | datetime:
    """Return a version, or a time; raises ValueError."""
    if text.isdecimal():
        return int(text)
    try:
        return times.read(text)
    except ValueError as error:
        raise ValueError(f"name a version, or {error}") from None


Moment = Annotated[
    int | datetime,
    PlainValidator(_moment),
    WithJsonSchema(
        {
            "anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "format": "date-time"}],
            "examples": [7],
        }
    ),
]


def status_then(
    history: Sequence[RecordedEvent], version: int | None, time: datetime | None, time_field: str
) -> MigrationStatus:
    """Return the migration's status at one moment, now if none is named; raises ApiError (422).

    `history` is all of its stream, `time_field` the name under which a client gave the time.
    """
    if version is None:
        return status_when(history, time, time_field)
    if time is not None:
        raise invalid("version", f"Name a version or a {time_field}, not both.")
    return status_when(history, version, "version")


def status_when(history: Sequence[RecordedEvent], moment: Moment | None, field: str) -> MigrationStatus:
    """Return the migration's status at a moment, which a client gave as `field`; raises as above."""
    match moment:
        case None:
            known = history
        case int():
            known = _until_version(history, moment, field)
        case _:
            known = _until_time(history, moment, field)
    status = status_at(known)
    assert status is not None, "a moment before the first event is refused"
    return status


def _until_version(history: Sequence[RecordedEvent], version: int, field: str) -> Sequence[RecordedEvent]:
    if not 1 <= version <= len(history):
        raise invalid(field, f"This migration has the versions 1 to {len(history)}.")
    return history[:version]


def _until_time(history: Sequence[RecordedEvent], time: datetime, field: str) -> Sequence[RecordedEvent]:
    not_in_future(field, time)
    not_before(field, time, history[0].recorded_at)
    return [event for event in history if event.recorded_at <= time]
