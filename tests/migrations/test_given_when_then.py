"""The rules of a migration, as given / when / then: no server, no clock."""

from uuid import uuid4

import pytest

from events import facts
from events.commands import ExpireHandover, MigrationCommand, RemindOfHandover, ReportTaskSucceeded, RunStep
from events.status import Status
from events.vocabulary import TIMERS, AppRef, Step
from services.migrations.context import Context
from services.migrations.decide import decide
from services.migrations.rejections import RejectedError
from tests.migrations.story import (
    ABORT,
    CREATE,
    DESTINATION,
    MIGRATION,
    REGIONS,
    SOURCE,
    Story,
    addon,
    inventory,
    names,
)

TO_PREPARED = (Step.PREFLIGHT, Step.PREPARE)
TO_DATA = (*TO_PREPARED, Step.DATA)


def test_creating_claims_the_name_in_both_regions_in_the_same_append() -> None:
    new = Story().when(CREATE)
    assert names(new) == ["MigrationCreated", "AppClaimed", "AppClaimed"]
    assert [fact.stream for fact in new[1:]] == ["app/agora-fr1/my-app", "app/osc-fr1/my-app"]


@pytest.mark.parametrize(
    ("taken", "code"), [(SOURCE, "app_in_migration"), (DESTINATION, "name_in_migration")]
)
def test_a_name_that_another_migration_holds_refuses_creation(taken: AppRef, code: str) -> None:
    context = Context("storky-gateway", REGIONS, claims={taken: uuid4()})
    with pytest.raises(RejectedError) as refused:
        decide(None, CREATE, context)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("destination", "code"), [("nowhere-1", "unknown_region"), ("agora-fr1", "same_region")]
)
def test_a_destination_that_cannot_be_one_refuses_creation(destination: str, code: str) -> None:
    command = CREATE.model_copy(update={"destination": AppRef(region=destination, app="my-app")})
    with pytest.raises(RejectedError) as refused:
        decide(None, command, Context("storky-gateway", REGIONS))
    assert refused.value.code == code


def test_all_preflight_checks_are_asked_for_at_once() -> None:
    story = Story()
    story.when(CREATE)
    new = story.run(Step.PREFLIGHT)
    assert names(new) == [
        "StepStarted",
        "TaskRequested check-addon-versions",
        "TaskRequested check-certificates",
        "TaskRequested check-addon-plans",
        "TaskRequested check-app",
        "TaskRequested check-destination",
    ]


def test_a_failed_check_stops_no_other_and_the_names_are_released_at_the_end() -> None:
    story = Story()
    story.when(CREATE)
    story.run(Step.PREFLIGHT)
    first, *others = story.asked()
    assert names(story.fail(first)) == ["TaskFailed"]
    for check in others:
        last = story.succeed(check)
    assert names(last) == ["TaskSucceeded", "TaskRequested preflight-verdict"]
    (verdict,) = story.asked()
    assert verdict.inputs == {"failed": {"labels": ["Check addon versions"]}}
    assert names(story.fail(verdict)) == ["TaskFailed", "StepFailed", "AppReleased", "AppReleased"]
    assert story.state.status is Status.PREFLIGHT_ERROR


def test_the_four_steps_lead_to_done_and_redirecting_the_traffic_is_the_last_task() -> None:
    story = Story().through(*TO_DATA)
    story.run(Step.FINALIZE)
    for task in story.asked():
        story.succeed(task)
    (hand_over,) = story.asked()
    assert hand_over.name == "hand-over"
    assert names(story.succeed(hand_over)) == [
        "TaskSucceeded",
        "StepSucceeded",
        "MigrationDone",
        "AppReleased",
        "AppReleased",
    ]
    assert story.state.status is Status.DONE


def test_databases_are_moved_concurrently_and_each_restore_waits_for_its_own_two() -> None:
    story = Story(inventory("running", addon("ad-1"), addon("ad-2"), addon("ad-3", has_data=False)))
    story.through(*TO_PREPARED)
    story.run(Step.DATA)
    asked = {(task.name, task.item) for task in story.asked()}
    assert asked == {
        ("stop-source", None),
        ("rest-new-app", None),
        ("provision-addon", "ad-1"),
        ("provision-addon", "ad-2"),
        ("provision-addon", "ad-3"),
    }
    by_name = {(task.name, task.item): task for task in story.asked()}
    story.succeed(by_name["provision-addon", "ad-2"], addon_id="ad-new")
    assert "restore-database" not in {task.name for task in story.asked()}
    story.succeed(by_name["rest-new-app", None])
    backups = story.succeed(by_name["stop-source", None])
    assert names(backups) == ["TaskSucceeded"] + ["TaskRequested back-up-database"] * 2
    ready = next(task for task in story.asked() if (task.name, task.item) == ("back-up-database", "ad-2"))
    (_, restore) = story.succeed(ready, backup_id="b-1")
    assert isinstance(restore, facts.TaskRequested)
    assert (restore.name, restore.item) == ("restore-database", "ad-2")
    assert restore.inputs["provision-addon"] == {"addon_id": "ad-new"}
    assert restore.inputs["back-up-database"] == {"backup_id": "b-1"}


def test_data_is_optional_and_then_finalize_stops_the_source() -> None:
    story = Story().through(*TO_PREPARED)
    assert names(story.run(Step.FINALIZE))[:2] == ["StepStarted", "TaskRequested stop-source"]


@pytest.mark.parametrize("status", ["stopped", "new"])
def test_an_app_that_did_not_run_is_never_stopped(status: str) -> None:
    story = Story(inventory(status)).through(*TO_DATA)
    assert story.state.status is Status.DATA_MIGRATED
    started = names(story.run(Step.FINALIZE))
    assert "TaskRequested stop-source" not in started
    assert "TaskRequested start-new-app" in started


@pytest.mark.parametrize(
    ("reached", "step"),
    [
        ((), Step.PREPARE),
        ((), Step.DATA),
        ((), Step.FINALIZE),
        ((Step.PREFLIGHT,), Step.PREFLIGHT),
        ((Step.PREFLIGHT,), Step.DATA),
        (TO_PREPARED, Step.PREPARE),
        (TO_DATA, Step.DATA),
        ((*TO_DATA, Step.FINALIZE), Step.FINALIZE),
    ],
)
def test_a_step_out_of_order_is_refused(reached: tuple[Step, ...], step: Step) -> None:
    story = Story().through(*reached)
    with pytest.raises(RejectedError) as refused:
        story.run(step)
    assert refused.value.code == "wrong_state"


def test_a_step_is_refused_while_one_is_running() -> None:
    story = Story().through(Step.PREFLIGHT)
    story.run(Step.PREPARE)
    with pytest.raises(RejectedError, match="is running"):
        story.run(Step.PREPARE)


@pytest.mark.parametrize("step", [Step.PREFLIGHT, Step.ABORT])
def test_a_command_that_names_another_version_is_refused(step: Step) -> None:
    story = Story().through()
    stale = RunStep(migration_id=MIGRATION, step=step, expected_version=7)
    with pytest.raises(RejectedError, match="at version 1, not 7"):
        story.when(stale)


def test_after_a_failure_nothing_new_is_asked_and_the_step_ends_when_nothing_is_in_flight() -> None:
    story = Story().through(*TO_PREPARED)
    story.run(Step.DATA)
    by_name = {task.name: task for task in story.asked()}
    assert names(story.fail(by_name["provision-addon"])) == ["TaskFailed"]
    story.succeed(by_name["rest-new-app"])
    assert names(story.succeed(by_name["stop-source"])) == ["TaskSucceeded", "StepFailed"]
    assert story.state.status is Status.ERROR


def test_running_a_failed_step_again_does_only_what_is_not_done() -> None:
    story = Story().through(Step.PREFLIGHT)
    story.run(Step.PREPARE)
    story.succeed(story.asked()[0])
    story.fail(story.asked()[0])
    assert names(story.run(Step.PREPARE)) == ["StepStarted", "TaskRequested create-app"]
    story.work()
    assert story.state.status is Status.PREPARED


@pytest.mark.parametrize(
    ("task", "code", "again"),
    [
        ("restore-database", "disk_full", ["restore-database", "verify-database"]),
        ("restore-database", "digest_mismatch", ["back-up-database", "restore-database", "verify-database"]),
        ("verify-database", "data_differs", ["back-up-database", "restore-database", "verify-database"]),
    ],
)
def test_a_failure_that_new_data_may_cure_copies_the_data_anew(
    task: str, code: str, again: list[str]
) -> None:
    story = Story().through(*TO_PREPARED)
    story.run(Step.DATA)
    while asked := story.asked():
        if asked[0].name == task:
            story.fail(asked[0], code)
        else:
            story.succeed(asked[0], backup_id="b-1")
    story.run(Step.DATA)
    assert [planned.name for planned in story.state.plan] == again
    story.work()
    assert story.state.status is Status.DATA_MIGRATED


def test_a_task_is_given_the_results_it_needs_and_no_others() -> None:
    story = Story().through(*TO_PREPARED)
    story.run(Step.DATA)
    while "verify-database" not in {asked.name for asked in story.asked()}:
        asked = story.asked()[0]
        story.succeed(asked, made_by=asked.name)
    (verify,) = (asked for asked in story.asked() if asked.name == "verify-database")
    assert verify.inputs == {"provision-addon": {"made_by": "provision-addon"}}


def test_timers_remind_once_each_and_end_the_hand_over_once() -> None:
    story = Story().through(*TO_DATA, Step.FINALIZE)
    remind, expire = (
        RemindOfHandover(migration_id=MIGRATION, remaining_seconds=86_400),
        ExpireHandover(migration_id=MIGRATION),
    )
    assert names(story.when(remind, TIMERS)) == ["HandoverExpiring"]
    assert story.when(remind, TIMERS) == []
    assert names(story.when(expire, TIMERS)) == ["HandoverExpired"]
    assert story.when(expire, TIMERS) == []
    assert story.when(remind.model_copy(update={"remaining_seconds": 60}), TIMERS) == []
    assert story.state.status is Status.DONE


@pytest.mark.parametrize(
    ("steps", "publisher", "code"),
    [(TO_DATA, TIMERS, "wrong_state"), ((*TO_DATA, Step.FINALIZE), "a-platform", "not_owner")],
)
def test_a_hand_over_ends_by_a_timer_alone_and_after_the_migration(
    steps: tuple[Step, ...], publisher: str, code: str
) -> None:
    story = Story().through(*steps)
    with pytest.raises(RejectedError) as refused:
        story.when(ExpireHandover(migration_id=MIGRATION), publisher)
    assert refused.value.code == code


def test_a_report_of_a_task_that_is_another_service_s_is_refused() -> None:
    story = Story().through()
    story.run(Step.PREFLIGHT)
    report = ReportTaskSucceeded(migration_id=MIGRATION, task_id=story.asked()[0].task_id)
    for forger in ("storky-apps", "billing-platform"):
        with pytest.raises(RejectedError) as refused:
            story.when(report, forger)
        assert refused.value.code == "not_owner"


def test_a_second_report_of_a_task_is_refused() -> None:
    story = Story().through()
    story.run(Step.PREFLIGHT)
    check = story.asked()[0]
    story.succeed(check)
    with pytest.raises(RejectedError) as refused:
        story.fail(check)
    assert refused.value.code == "superseded"


def test_an_abort_before_anything_was_changed_ends_at_once() -> None:
    story = Story().through(Step.PREFLIGHT)
    assert names(story.when(ABORT)) == ["MigrationAborted", "AppReleased", "AppReleased"]


def test_a_report_that_arrives_after_such_an_abort_changes_nothing() -> None:
    story = Story().through()
    story.run(Step.PREFLIGHT)
    check = story.asked()[0]
    story.when(ABORT)
    with pytest.raises(RejectedError) as refused:
        story.succeed(check)
    assert refused.value.code == "superseded"


def test_an_abort_fences_both_regions_with_a_higher_epoch_before_it_undoes_anything() -> None:
    story = Story().through(*TO_DATA)
    new = story.when(ABORT)
    assert names(new) == ["StepStarted", "TaskRequested fence-source", "TaskRequested fence-destination"]
    assert {fact.epoch for fact in new if isinstance(fact, facts.TaskRequested)} == {2}


def test_an_abort_undoes_in_order_and_only_what_was_asked_for() -> None:
    story = Story().through(*TO_DATA)
    story.run(Step.FINALIZE)
    story.when(ABORT)
    undone = [task.name for task in story.state.plan]
    assert undone == [
        "fence-source",
        "fence-destination",
        "stop-new-app",
        "start-old-app",
        "delete-new-app",
        "unfreeze-source",
    ]
    story.work()
    assert story.state.status is Status.ABORTED


def test_a_stopped_source_is_not_started_by_an_abort() -> None:
    story = Story(inventory("stopped", addon("ad-1"))).through(*TO_DATA)
    story.when(ABORT)
    assert "start-old-app" not in {task.name for task in story.state.plan}


def test_a_task_that_was_asked_for_but_not_reported_is_undone_too() -> None:
    story = Story().through(Step.PREFLIGHT)
    story.run(Step.PREPARE)  # the freeze is asked for; no worker has answered
    story.when(ABORT)
    assert [task.name for task in story.state.plan] == [
        "fence-source",
        "fence-destination",
        "unfreeze-source",
    ]


def test_aborting_again_while_aborting_is_accepted_and_changes_nothing() -> None:
    story = Story().through(*TO_PREPARED)
    story.when(ABORT)
    assert story.when(ABORT) == []


def test_an_abort_that_failed_can_be_started_again_with_a_higher_epoch() -> None:
    story = Story().through(*TO_PREPARED)
    story.when(ABORT)
    for task in story.asked():
        story.fail(task)
    (started, *_) = story.when(ABORT)
    assert isinstance(started, facts.StepStarted)
    assert started.epoch == 3
    story.work()
    assert story.state.status is Status.ABORTED


@pytest.mark.parametrize("command", [ABORT, RunStep(migration_id=MIGRATION, step=Step.ABORT)])
def test_a_migration_that_is_done_cannot_be_aborted(command: MigrationCommand) -> None:
    story = Story().through(*TO_DATA, Step.FINALIZE)
    with pytest.raises(RejectedError, match="done"):
        story.when(command)


def test_commands_for_an_unknown_migration_are_refused() -> None:
    with pytest.raises(RejectedError) as refused:
        decide(None, ABORT, Context("storky-gateway", REGIONS))
    assert refused.value.code == "unknown_migration"


def test_the_recorded_plan_is_followed_even_if_the_table_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story().through(Step.PREFLIGHT)
    story.run(Step.PREPARE)
    monkeypatch.setattr("services.migrations.expansion.PLAN", {})
    story.work()
    assert story.state.status is Status.PREPARED
