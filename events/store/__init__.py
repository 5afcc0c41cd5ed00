"""The log: append-only, in one global order, and the subscriptions that read it."""

from events.store.appender import Appender
from events.store.appends import (
    Accepted,
    Append,
    Appended,
    CommandOutcome,
    Duplicate,
    IdReused,
    Outcome,
    Rejected,
    StreamWrite,
    Verdict,
    VersionConflict,
)
from events.store.database import connect
from events.store.diagnosis import Broken
from events.store.errors import EventIdTakenError, LaneBypassedError, LogError, LogUnavailableError
from events.store.log import Log
from events.store.records import Metadata, NewEvent, RecordedEvent
from events.store.subscriptions import Subscriber
from events.store.verify import Verified, verify

__all__ = [
    "Accepted",
    "Append",
    "Appended",
    "Appender",
    "Broken",
    "CommandOutcome",
    "Duplicate",
    "EventIdTakenError",
    "IdReused",
    "LaneBypassedError",
    "Log",
    "LogError",
    "LogUnavailableError",
    "Metadata",
    "NewEvent",
    "Outcome",
    "RecordedEvent",
    "Rejected",
    "StreamWrite",
    "Subscriber",
    "Verdict",
    "Verified",
    "VersionConflict",
    "connect",
    "verify",
]
