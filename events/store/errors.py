"""How the log fails, in the domain's words."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg


class LogError(Exception):
    """The log could not do what was asked."""


class LogUnavailableError(LogError):
    """The database gave no answer, or refused.

    After an append this leaves open whether it was written. Append again with the same command id: if the
    first attempt was written, the answer is its stored outcome.
    """


class EventIdTakenError(LogError):
    """An event's id is in the log already. Nothing of the group was written."""


class LaneBypassedError(LogError):
    """Somebody appends without taking the lane, and was there first. Nothing of the group was written."""


BY_CONSTRAINT: dict[str, type[LogError]] = {
    "events_id_key": EventIdTakenError,
    "events_position_key": LaneBypassedError,
    "events_stream_version_key": LaneBypassedError,
    "command_outcomes_command_id_key": LaneBypassedError,
}

# InternalClientError: a dying server's last message has arrived, and the end of its connection not yet.
_DRIVER = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the driver raises into errors of this module."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        known = BY_CONSTRAINT.get(error.constraint_name or "", LogUnavailableError)
        raise known(f"nothing was written: it would violate {error.constraint_name}") from error
    except _DRIVER as error:
        raise LogUnavailableError(f"the log's database failed: {_describe(error)}") from error


def _describe(error: Exception) -> str:
    # The first line only: a PostgresError's next ones are its detail, which may quote a row.
    sentence = str(error).partition("\n")[0] or "no answer"
    return f"{type(error).__name__}: {sentence}"
