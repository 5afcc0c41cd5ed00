"""What to do about a failure: a pure decision."""

from enum import Enum, auto

from events.vocabulary import Step
from regions.errors import FencedError, RegionError
from services.common.worker.task import TaskFailedError


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
    if is_passing(error) and attempt + 1 < attempts:
        return Reaction.RETRY
    return Reaction.REPORT


def is_passing(error: Exception) -> bool:
    """Whether another try may succeed. What nobody foresaw is given the benefit of the doubt."""
    if isinstance(error, RegionError):
        return error.passing
    return not isinstance(error, TaskFailedError)


def code_and_params(error: Exception) -> tuple[str, dict[str, str | int]]:
    """Return what may be reported of the failure; of an unforeseen one, nothing but that it happened."""
    if isinstance(error, RegionError | TaskFailedError):
        return error.code, error.params
    return "internal", {}
