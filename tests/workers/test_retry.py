import pytest

from events.failures import Reason
from events.vocabulary import Step
from regions.errors import FencedError, NotFoundError, RefusedError, RegionUnavailableError
from services.common.worker.retry import Reaction, react, reasons_of
from services.common.worker.task import TaskFailedError

PASSING = RegionUnavailableError("region_timeout", region="osc-fr1")
LASTING = [
    RefusedError("app_migrating", region="osc-fr1"),
    NotFoundError("not_found", resource="app"),
    TaskFailedError("data_differs", table="public.users"),
]
UNFORESEEN = ValueError("postgres://user:secret@host/db")


@pytest.mark.parametrize("error", [PASSING, UNFORESEEN])
def test_what_may_pass_is_tried_as_often_as_allowed_and_then_reported(error: Exception) -> None:
    reactions = [react(error, Step.DATA, attempt, attempts=3) for attempt in range(4)]

    assert reactions == [Reaction.RETRY, Reaction.RETRY, Reaction.REPORT, Reaction.REPORT]


@pytest.mark.parametrize("error", LASTING)
def test_what_lasts_is_reported_at_once(error: Exception) -> None:
    assert react(error, Step.PREPARE, attempt=0, attempts=8) is Reaction.REPORT


def test_a_task_that_an_abort_has_overtaken_is_dropped() -> None:
    assert react(FencedError("fenced"), Step.DATA, attempt=0, attempts=8) is Reaction.DROP


@pytest.mark.parametrize("error", [PASSING, UNFORESEEN, FencedError("fenced"), *LASTING])
def test_an_abort_is_retried_whatever_happens(error: Exception) -> None:
    assert react(error, Step.ABORT, attempt=10_000, attempts=1) is Reaction.RETRY


def test_a_person_who_waits_for_the_checks_is_not_kept_waiting() -> None:
    away = RegionUnavailableError("region_unreachable", region="osc-fr1")
    reactions = [react(away, Step.PREFLIGHT, attempt, attempts=8) for attempt in range(4)]
    assert reactions == [Reaction.RETRY] * 3 + [Reaction.REPORT]


def test_the_text_of_an_unforeseen_failure_is_not_reported() -> None:
    assert reasons_of(UNFORESEEN) == (Reason(code="internal"),)
