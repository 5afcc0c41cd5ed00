"""Evidence: given a migration's events, what can be shown of it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from events.commands import ApproveStep
from events.facts import Fact, HandoverExpired, HandoverExpiring, MigrationFact
from events.status import Status
from events.store import Metadata, RecordedEvent
from events.vocabulary import Step
from projections.evidence import Evidence, evidence
from tests.migrations.story import ABORT, CREATE, MIGRATION, Story

START = datetime(2030, 1, 1, tzinfo=UTC)
ITEM = {"item": "GREETING", "source": "aa", "destination": "aa"}
TOLD: dict[str, dict[str, Any]] = {
    "create-app": {"app_id": "new-1"},
    "copy-variables": {"copied": 1, "items": [ITEM]},
    "look-up-dns": {"records": [{"domain": "www.example.com", "status": "ok"}]},
    "hand-over": {"expires_at": "2030-01-31T00:00:00Z"},
}


def told(story: Story, *steps: Step) -> Story:
    """Run the steps, with workers that tell what there is to tell."""
    story.when(CREATE)
    for step in steps:
        story.run(step)
        while story.state.under_way and (asked := story.asked()):
            story.succeed(asked[0], **TOLD.get(asked[0].name, {}))
    return story


def shown(history: Iterable[Fact]) -> Evidence:
    """Return the evidence, of events that come a second apart."""
    own = [fact for fact in history if isinstance(fact, MigrationFact)]
    return evidence([recorded(fact, place) for place, fact in enumerate(own, 1)])


def recorded(fact: Fact, place: int) -> RecordedEvent:
    metadata = Metadata(
        actor="storky-gateway", on_behalf_of="us-1", correlation_id=MIGRATION, causation_id=uuid4()
    )
    return RecordedEvent(
        position=10 * place,
        stream=fact.stream,
        version=place,
        id=uuid4(),
        type=type(fact).__name__,
        schema_version=1,
        data=fact.model_dump_json(),
        metadata=metadata,
        recorded_at=START + timedelta(seconds=place),
        hash=bytes([place % 256]) * 32,
    )


ALL = (Step.PREFLIGHT, Step.PREPARE, Step.DATA, Step.FINALIZE)


def test_a_whole_migration_is_told_from_who_opened_it_to_the_end_of_its_hand_over() -> None:
    story = told(Story(), *ALL)
    story.history.append(HandoverExpiring(migration_id=MIGRATION, remaining_seconds=86400))
    story.history.append(HandoverExpired(migration_id=MIGRATION))
    known = shown(story.history)
    assert (known.status, known.app_id, known.new_app_id) == (Status.DONE, "app-1", "new-1")
    assert [(act.what, act.by.on_behalf_of) for act in known.acts] == [
        (what, "us-1") for what in ("create", "preflight", "prepare", "data", "finalize")
    ]
    assert [(step.step, step.outcome) for step in known.steps] == [(step, "succeeded") for step in ALL]
    assert all(task.seconds and task.ended_by for step in known.steps for task in step.tasks)
    assert [(item.task, item.item, item.source, item.destination) for item in known.items] == [
        ("copy-variables", "GREETING", "aa", "aa")
    ]
    copied = next(task for task in known.steps[1].tasks if task.name == "copy-variables")
    assert copied.result == {"copied": 1}
    assert known.dns_records == [{"domain": "www.example.com", "status": "ok"}]
    assert known.handover
    assert known.handover.until == "2030-01-31T00:00:00Z"
    assert known.handover.expired_at == known.handover.reminded_at[0] + timedelta(seconds=1)


def test_the_downtime_is_from_the_stop_to_the_hand_over() -> None:
    known = shown(told(Story(), *ALL).history)
    ends = {task.name: task.ended_at for step in known.steps for task in step.tasks}
    assert known.downtime
    assert (known.downtime.started_at, known.downtime.ended_at) == (ends["stop-source"], ends["hand-over"])


def test_it_names_the_first_and_the_last_event_and_their_hashes() -> None:
    known = shown(told(Story(), Step.PREFLIGHT).history)
    assert known.log.stream == f"migration/{MIGRATION}"
    assert (known.log.first.position, known.log.first.hash) == (10, "01" * 32)
    assert known.log.last.position == 10 * known.log.events
    assert known.log.last.version == known.log.events


def test_a_failure_and_its_repetition_are_two_runs_with_their_reasons() -> None:
    story = told(Story(), Step.PREFLIGHT)
    story.run(Step.PREPARE)
    story.succeed(story.asked()[0])
    story.fail(story.asked()[0], "name_taken")
    story.run(Step.PREPARE)
    first, second = shown(story.history).steps[1:]
    assert (first.outcome, second.outcome, second.seconds) == ("failed", "running", None)
    outcomes = {task.name: task.outcome for task in first.tasks}
    assert (outcomes["freeze-source"], outcomes["create-app"]) == ("succeeded", "failed")
    assert outcomes["copy-settings"] == "waiting"
    assert [reason.code for task in first.tasks for reason in task.reasons] == ["name_taken"]


def test_an_abort_tells_what_it_overtook_what_it_undid_and_when_the_app_ran_again() -> None:
    story = told(Story(), Step.PREFLIGHT, Step.PREPARE)
    story.run(Step.DATA)
    stop = next(task for task in story.asked() if task.name == "stop-source")
    story.succeed(stop)
    story.when(ABORT)
    story.work()
    known = shown(story.history)
    assert known.status is Status.ABORTED
    data, abort = known.steps[2:]
    assert (data.outcome, abort.outcome) == ("overtaken", "succeeded")
    assert {task.outcome for task in data.tasks} == {"succeeded", "overtaken", "waiting"}
    assert known.undone[:2] == ["Abort: Fence the source region", "Abort: Fence the destination region"]
    assert known.undone[-1] == "Restore app status"
    ends = {task.name: task.ended_at for task in abort.tasks}
    assert known.downtime
    assert known.downtime.ended_at == ends["start-old-app"]


def test_an_abort_with_nothing_to_undo_is_an_act_too() -> None:
    story = Story()
    story.when(CREATE)
    story.when(ABORT)
    known = shown(story.history)
    assert ([act.what for act in known.acts], known.steps, known.undone) == (["create", "abort"], [], [])


def test_an_approval_is_an_act_and_the_task_is_running_until_then() -> None:
    story = Story(approvals=frozenset({Step.PREPARE})).through(Step.PREFLIGHT)
    story.run(Step.PREPARE, "us-ada")
    (approval, *_) = shown(story.history).steps[-1].tasks
    assert (approval.label, approval.outcome) == ("Approval", "running")
    story.when(ApproveStep(migration_id=MIGRATION, step=Step.PREPARE), user="us-ben")
    known = shown(story.history)
    assert [act.what for act in known.acts][-2:] == ["prepare", "approve"]
    assert known.steps[-1].tasks[0].result == {"approved_by": "us-ben"}
