"""The status of a migration, and how each event changes it: the one table that everybody reads."""

from collections.abc import Mapping
from enum import StrEnum

from events import facts
from events.vocabulary import Step


class Status(StrEnum):
    """Where a migration stands, in the words of the wire contract."""

    CREATED = "created"
    PREFLIGHT_SUCCESS = "preflight-success"
    PREFLIGHT_ERROR = "preflight-error"
    RUNNING = "running"
    PREPARED = "prepared"
    DATA_MIGRATED = "data-migrated"
    ABORTING = "aborting"
    ABORTED = "aborted"
    ERROR = "error"
    DONE = "done"


ENDED = frozenset({Status.PREFLIGHT_ERROR, Status.ABORTED, Status.DONE})

# The statuses in which a step may be started for the first time.
STARTS_FROM: Mapping[Step, frozenset[Status]] = {
    Step.PREFLIGHT: frozenset({Status.CREATED}),
    Step.PREPARE: frozenset({Status.PREFLIGHT_SUCCESS}),
    Step.DATA: frozenset({Status.PREPARED}),
    Step.FINALIZE: frozenset({Status.PREPARED, Status.DATA_MIGRATED}),
}

_REACHED_BY: Mapping[Step, Status] = {
    Step.PREFLIGHT: Status.PREFLIGHT_SUCCESS,
    Step.PREPARE: Status.PREPARED,
    Step.DATA: Status.DATA_MIGRATED,
}

_STANDS_FOR: Mapping[type[facts.Fact], Status] = {
    facts.MigrationCreated: Status.CREATED,
    facts.MigrationDone: Status.DONE,
    facts.MigrationAborted: Status.ABORTED,
}


def status_after(status: Status, fact: facts.Fact) -> Status:
    """Return the status that the event leads to; most events leave it as it is."""
    match fact:
        case facts.StepStarted():
            return Status.ABORTING if fact.step is Step.ABORT else Status.RUNNING
        case facts.StepFailed():
            return Status.PREFLIGHT_ERROR if fact.step is Step.PREFLIGHT else Status.ERROR
        case facts.StepSucceeded():
            return _REACHED_BY.get(fact.step, status)
        case _:
            return _STANDS_FOR.get(type(fact), status)


def why_not_start(step: Step, status: Status, latest: Step | None) -> str | None:
    """Return why a step other than an abort cannot be started, None if it can; `latest` was started last."""
    if status in STARTS_FROM[step] or (status is Status.ERROR and latest is step):
        return None
    if status in (Status.RUNNING, Status.ABORTING):
        return f"The {latest} step is running; wait until it ends, or abort the migration."
    if status is Status.ERROR:
        return f"The {latest} step failed; run it again, or abort the migration."
    expected = " or ".join(sorted(STARTS_FROM[step]))
    return f"The {step} step starts from {expected}; this migration is {status}."
