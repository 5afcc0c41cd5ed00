"""What to do about a failure: a pure decision."""

from enum import Enum, auto

from events.failures import Reason
from events.vocabulary import Step
from regions.errors import FencedError, RegionError
from services.common.worker.task import TaskFailedError

# A person waits for the checks, and nothing is at stake yet: about ten seconds of trying are enough.
PREFLIGHT_ATTEMPTS = 4


class Reaction(Enum):
    """What becomes of a task that failed."""

    RETRY = auto()
    REPORT = auto()
    DROP = auto()


def react(error: Exception, step: Step, attempt: int, attempts: int) -> Reaction:
    """Decide, `attempt` being how often the task had failed before this time.

    An abort is retried whatever happens: it must never stay half done. Elsewhere, being fenced means that
    an abort has overtaken the task, and nobody waits for its report any more.
    """
    if step is Step.ABORT:
        return Reaction.RETRY
    if isinstance(error, FencedError):
        return Reaction.DROP
    most = min(attempts, PREFLIGHT_ATTEMPTS) if step is Step.PREFLIGHT else attempts
    if is_passing(error) and attempt + 1 < most:
        return Reaction.RETRY
    return Reaction.REPORT


def is_passing(error: Exception) -> bool:
    """Whether another try may succeed. What nobody foresaw is given the benefit of the doubt."""
    if isinstance(error, RegionError):
        return error.passing
    return not isinstance(error, TaskFailedError)


def reasons_of(error: Exception) -> tuple[Reason, ...]:
    """Return what may be reported of the failure; of an unforeseen one, nothing but that it happened."""
    if isinstance(error, TaskFailedError):
        return error.reasons
    if isinstance(error, RegionError):
        return (Reason(code=error.code, params=error.params),)
    return (Reason(code="internal"),)
