"""A migration as it was: after one of its versions, or at a time."""

from collections.abc import Sequence
from datetime import datetime

from events.store import RecordedEvent
from projections.status import MigrationStatus
from projections.status.fold import status_at
from services.gateway.audit.wanted import not_before, not_in_future
from services.gateway.errors import invalid


def status_then(
    history: Sequence[RecordedEvent], version: int | None, time: datetime | None, time_field: str
) -> MigrationStatus:
    """Return the migration's status at one moment, now if none is named; raises ApiError (422).

    `history` is all of its stream, `time_field` the name under which a client gave the time.
    """
    if version is not None and time is not None:
        raise invalid("version", f"Name a version or a {time_field}, not both.")
    if version is not None:
        known = _until_version(history, version)
    elif time is not None:
        known = _until_time(history, time, time_field)
    else:
        known = history
    status = status_at(known)
    assert status is not None, "a moment before the first event is refused"
    return status


def _until_version(history: Sequence[RecordedEvent], version: int) -> Sequence[RecordedEvent]:
    if not 1 <= version <= len(history):
        raise invalid("version", f"This migration has the versions 1 to {len(history)}.")
    return history[:version]


def _until_time(history: Sequence[RecordedEvent], time: datetime, field: str) -> Sequence[RecordedEvent]:
    not_in_future(field, time)
    not_before(field, time, history[0].recorded_at)
    return [event for event in history if event.recorded_at <= time]
