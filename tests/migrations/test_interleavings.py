"""Whatever order commands and reports come in, a migration keeps its promises."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from events import facts
from events.commands import (
    AbortMigration,
    ApproveStep,
    MigrationCommand,
    ReportTaskFailed,
    ReportTaskSucceeded,
    RunStep,
)
from events.failures import Reason
from events.status import ENDED, Status
from events.vocabulary import GATEWAY, WORKERS, Step, broker_user
from services.migrations.rejections import RejectedError
from services.migrations.state import holder
from tests.migrations.story import CREATE, DESTINATION, MIGRATION, SOURCE, Story, addon, inventory

Move = tuple[str, int]
MOVES = st.lists(
    st.tuples(
        st.sampled_from(
            ["run", "succeed", "succeed", "succeed", "fail", "repeat", "abort", "forge", "approve", "approve"]
        ),
        st.integers(min_value=0, max_value=50),
    ),
    max_size=60,
)
INVENTORIES = st.sampled_from(
    [
        inventory("new"),
        inventory("stopped", addon("ad-1")),
        inventory("running", addon("ad-1"), addon("ad-2"), addon("ad-3", has_data=False)),
    ]
)
BEGINNINGS = st.fixed_dictionaries(
    {
        "frozen": INVENTORIES,
        "approvals": st.frozensets(st.sampled_from([Step.PREPARE, Step.DATA, Step.FINALIZE])),
    }
)
USERS = ("us-1", "us-2")


def command_for(story: Story, move: Move) -> tuple[MigrationCommand, str]:
    """Turn a random move into a command that makes some sense at this moment, or none at all."""
    kind, number = move
    requests = [fact for fact in story.history if isinstance(fact, facts.TaskRequested)]
    if kind == "run" or not requests:
        step = list(Step)[number % 4]
        return RunStep(migration_id=MIGRATION, step=step), GATEWAY
    if kind == "abort":
        return AbortMigration(migration_id=MIGRATION), GATEWAY
    if kind == "approve":
        return ApproveStep(migration_id=MIGRATION, step=story.state.step or Step.DATA), GATEWAY
    open_tasks = story.asked() if kind in ("succeed", "fail") else []
    task = (open_tasks or requests)[number % len(open_tasks or requests)]
    publisher = "a-platform" if kind == "forge" else broker_user(task.service)
    if kind == "fail":
        reasons = (Reason(code="some_code"),)
        return ReportTaskFailed(migration_id=MIGRATION, task_id=task.task_id, reasons=reasons), publisher
    result = {"inventory": story.frozen} if task.name == "freeze-source" else {}
    return ReportTaskSucceeded(migration_id=MIGRATION, task_id=task.task_id, result=result), publisher


def play(beginning: dict[str, Any], moves: list[Move]) -> Story:
    story = Story(**beginning)
    story.when(CREATE)
    for move in moves:
        command, publisher = command_for(story, move)
        try:
            new = story.when(command, publisher, user=USERS[move[1] % 2])
        except RejectedError:
            continue
        assert publisher != "a-platform" or not new, "a forged report had an effect"
    return story


@given(beginning=BEGINNINGS, moves=MOVES)
def test_the_names_are_held_exactly_until_the_end(beginning: dict[str, Any], moves: list[Move]) -> None:
    story = play(beginning, moves)
    for app in (SOURCE, DESTINATION):
        claims = [fact for fact in story.history if fact.stream == f"app/{app.region}/{app.app}"]
        assert holder(claims) == (None if story.state.status in ENDED else MIGRATION)


@given(beginning=BEGINNINGS, moves=MOVES)
def test_a_migration_ends_once_and_nothing_is_asked_after_its_end(
    beginning: dict[str, Any], moves: list[Move]
) -> None:
    story = play(beginning, moves)
    ends = [
        i for i, f in enumerate(story.history) if isinstance(f, facts.MigrationDone | facts.MigrationAborted)
    ]
    assert len(ends) <= 1
    after = story.history[ends[0] :] if ends else []
    assert not any(isinstance(fact, facts.TaskRequested | facts.StepStarted) for fact in after)


@given(beginning=BEGINNINGS, moves=MOVES)
def test_no_task_is_asked_for_twice_and_none_of_an_epoch_that_was_fenced(
    beginning: dict[str, Any], moves: list[Move]
) -> None:
    requests = [f for f in play(beginning, moves).history if isinstance(f, facts.TaskRequested)]
    assert max(Counter(task.task_id for task in requests).values(), default=0) <= 1
    epochs = [task.epoch for task in requests]
    assert epochs == sorted(epochs)


@given(beginning=BEGINNINGS, moves=MOVES)
def test_every_requested_task_has_its_predecessors_done(beginning: dict[str, Any], moves: list[Move]) -> None:
    succeeded: set[object] = set()
    failed: set[object] = set()
    planned: dict[object, facts.PlannedTask] = {}
    for fact in play(beginning, moves).history:
        match fact:
            case facts.StepStarted():
                planned.update({task.task_id: task for task in fact.plan})
            case facts.TaskSucceeded():
                succeeded.add(fact.task_id)
            case facts.TaskFailed():
                failed.add(fact.task_id)
            case facts.TaskRequested():
                task = planned[fact.task_id]
                ended = succeeded | failed if task.despite_failures else succeeded
                assert set(task.after) <= ended


@given(beginning=BEGINNINGS, moves=MOVES)
def test_from_anywhere_before_done_an_abort_and_patient_workers_lead_to_aborted(
    beginning: dict[str, Any], moves: list[Move]
) -> None:
    story = play(beginning, moves)
    ended = story.state.status
    if ended in {Status.DONE, Status.ABORTED}:
        return
    story.when(AbortMigration(migration_id=MIGRATION))
    story.work()
    assert story.state.status is Status.ABORTED


@given(beginning=BEGINNINGS, moves=MOVES)
def test_no_worker_is_asked_before_somebody_else_has_approved(
    beginning: dict[str, Any], moves: list[Move]
) -> None:
    started: facts.StepStarted | None = None
    approved: set[tuple[Step, str]] = set()
    for fact in play(beginning, moves).history:
        match fact:
            case facts.StepStarted():
                started = fact
            case facts.TaskSucceeded() if fact.name.startswith("approve-"):
                assert started is not None
                assert fact.result["approved_by"] != started.requested_by
                approved.add((started.step, started.requested_by))
            case facts.TaskRequested() if fact.service in WORKERS and fact.step in beginning["approvals"]:
                assert started is not None
                assert (started.step, started.requested_by) in approved
