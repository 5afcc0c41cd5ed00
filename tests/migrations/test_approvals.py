"""A step that waits for a second person."""

import pytest

from events import facts
from events.commands import ApproveStep, ReportTaskSucceeded
from events.facts import Fact
from events.status import Status
from events.vocabulary import Service, Step
from services.migrations.rejections import RejectedError
from tests.migrations.story import ABORT, MIGRATION, Story, names

ADA, BEN, EVE = "us-ada", "us-ben", "us-eve"


def approve(story: Story, user: str, step: Step = Step.FINALIZE) -> list[Fact]:
    return story.when(ApproveStep(migration_id=MIGRATION, step=step), user=user)


def waiting(step: Step = Step.FINALIZE) -> Story:
    """Prepared, and run by Ada up to where an approval is wanted."""
    story = Story(approvals=frozenset({step})).through(Step.PREFLIGHT)
    if step is Step.FINALIZE:
        story.run(Step.PREPARE)
        story.work()
    story.run(step, ADA)
    return story


def refusal(story: Story, user: str, step: Step = Step.FINALIZE) -> str:
    with pytest.raises(RejectedError) as refused:
        approve(story, user, step)
    return refused.value.code


def test_the_step_is_running_and_asks_people_for_an_approval_and_workers_for_nothing() -> None:
    story = waiting()
    assert story.state.status is Status.RUNNING
    assert story.asked() == []
    request = story.history[-1]
    assert isinstance(request, facts.TaskRequested)
    assert (request.name, request.service, request.label) == ("approve-finalize", Service.PEOPLE, "Approval")
    assert story.state.requested_by == ADA


def test_an_approval_by_somebody_else_is_recorded_and_lets_the_step_begin() -> None:
    story = waiting()
    (approval, *requests) = approve(story, BEN)
    assert isinstance(approval, facts.TaskSucceeded)
    assert approval.result == {"approved_by": BEN}
    assert "TaskRequested stop-source" in names(requests)
    assert story.work().state.status is Status.DONE


def test_who_ran_the_step_cannot_approve_it() -> None:
    assert refusal(waiting(), ADA) == "own_request"


def test_a_step_that_does_not_wait_cannot_be_approved() -> None:
    story = Story(approvals=frozenset({Step.FINALIZE})).through(Step.PREFLIGHT, Step.PREPARE)
    assert refusal(story, BEN) == "not_awaiting_approval"
    story.run(Step.FINALIZE, ADA)
    assert refusal(story, BEN, Step.DATA) == "not_awaiting_approval"
    approve(story, BEN)
    assert refusal(story, EVE) == "not_awaiting_approval"


def test_a_step_of_which_no_policy_speaks_waits_for_nobody() -> None:
    story = Story(approvals=frozenset({Step.FINALIZE})).through(Step.PREFLIGHT)
    assert "TaskRequested freeze-source" in names(story.run(Step.PREPARE, ADA))


@pytest.mark.parametrize("publisher", ["storky-people", "storky-apps", "storky-gateway", "a-platform"])
def test_nobody_can_report_an_approval(publisher: str) -> None:
    story = waiting()
    task = story.state.plan[0]
    report = ReportTaskSucceeded(migration_id=MIGRATION, task_id=task.task_id)
    with pytest.raises(RejectedError) as refused:
        story.when(report, publisher)
    assert refused.value.code == "not_owner"


def test_an_abort_waits_for_no_approval_and_ends_the_waiting() -> None:
    story = waiting()
    story.when(ABORT)
    assert story.work().state.status is Status.ABORTED
    assert refusal(story, BEN) == "not_awaiting_approval"


def test_an_abort_before_anything_was_approved_has_nothing_to_undo() -> None:
    story = waiting(Step.PREPARE)
    assert names(story.when(ABORT))[0] == "MigrationAborted"


def failed(story: Story) -> Story:
    approve(story, BEN)
    for task in story.asked():
        story.fail(task)
    assert story.state.status is Status.ERROR
    return story


def test_the_same_person_runs_an_approved_step_again_without_another_approval() -> None:
    story = failed(waiting())
    story.run(Step.FINALIZE, ADA)
    assert story.work().state.status is Status.DONE


@pytest.mark.parametrize("user", [BEN, EVE])
def test_anybody_else_who_runs_it_again_needs_an_approval_of_their_own(user: str) -> None:
    story = failed(waiting())
    story.run(Step.FINALIZE, user)
    assert story.asked() == []
    assert refusal(story, user) == "own_request"
    approve(story, ADA)
    assert story.work().state.status is Status.DONE
