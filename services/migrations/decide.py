"""What a command leads to: events, or a rejection. Pure: no I/O, no clock, no random number."""

from events import facts
from events.commands import (
    AbortMigration,
    ApproveStep,
    CreateMigration,
    ExpireHandover,
    MigrationCommand,
    RemindOfHandover,
    Report,
    ReportTaskSucceeded,
    RunStep,
    Timer,
)
from events.facts import Fact
from events.status import Status, why_not_start
from events.vocabulary import TIMERS, WORKERS, AppRef, Service, Step, broker_user
from services.migrations.context import Context
from services.migrations.expansion import expand, next_requests
from services.migrations.platforms import permit
from services.migrations.rejections import RejectedError
from services.migrations.state import Migration, Progress, evolve


def decide(state: Migration | None, command: MigrationCommand, context: Context) -> list[Fact]:
    """Return the events that the command leads to, possibly none; raises RejectedError."""
    if isinstance(command, CreateMigration):
        permit(context.publisher, context.policy, command, (command.source, command.destination))
        return _create(state, command, context)
    if state is None:
        raise RejectedError(
            "unknown_migration", f"There is no migration {command.migration_id}; check the id."
        )
    permit(context.publisher, context.policy, command, (state.source, state.destination))
    match command:
        case RunStep():
            return _run(state, command, context)
        case AbortMigration():
            return _abort(state, context)
        case ApproveStep():
            return _approve(state, command, context.person)
        case RemindOfHandover() | ExpireHandover():
            return _handover(state, command, context.publisher)
        case _:
            return _report(state, command, context.publisher)


def _create(state: Migration | None, command: CreateMigration, context: Context) -> list[Fact]:
    if state is not None:
        raise RejectedError(
            "migration_exists", f"Migration {command.migration_id} exists already; choose another id."
        )
    source, destination = command.source, command.destination
    for ref in (source, destination):
        if ref.region not in context.regions:
            known = ", ".join(sorted(context.regions))
            raise RejectedError("unknown_region", f"There is no region {ref.region!r}; there are {known}.")
    if source.region == destination.region:
        raise RejectedError("same_region", f"The app is in {source.region} already; name another region.")
    _check_claim(context, source, "app_in_migration", "it")
    _check_claim(context, destination, "name_in_migration", "that name in the destination")
    return [
        facts.MigrationCreated(migration_id=command.migration_id, source=source, destination=destination),
        facts.AppClaimed(app=source, migration_id=command.migration_id),
        facts.AppClaimed(app=destination, migration_id=command.migration_id),
    ]


def _check_claim(context: Context, app: AppRef, code: str, what: str) -> None:
    if other := context.claims.get(app):
        raise RejectedError(
            code, f"{app} cannot be migrated: migration {other} holds {what}; finish or abort that one first."
        )


def _run(state: Migration, command: RunStep, context: Context) -> list[Fact]:
    if command.expected_version not in (None, state.version):
        raise RejectedError(
            "version_conflict",
            f"The migration is at version {state.version}, not {command.expected_version}; look again.",
        )
    if command.step is Step.ABORT:
        return _abort(state, context)
    if why_not := why_not_start(command.step, state.status, state.step):
        raise RejectedError("wrong_state", why_not)
    return _start(state, command.step, context)


def _abort(state: Migration, context: Context) -> list[Fact]:
    if state.status is Status.ABORTING:
        return []  # it is being undone already, and goes on until it is
    if state.status is Status.DONE:
        raise RejectedError("wrong_state", "The migration is done; it can no longer be undone.")
    if state.status is Status.ABORTED:
        raise RejectedError("wrong_state", "The migration is aborted already.")
    if not expand(state, Step.ABORT, run=1, approval=False):
        return [facts.MigrationAborted(migration_id=state.id), *_release(state)]
    return _start(state, Step.ABORT, context)


def _start(state: Migration, step: Step, context: Context) -> list[Fact]:
    run = state.run + 1
    # An approval is for one person's step: it holds when the same person runs it again after a failure.
    approval = step in context.approvals and state.approved.get(step) != context.person
    started = facts.StepStarted(
        migration_id=state.id,
        step=step,
        run=run,
        epoch=state.epoch + (step is Step.ABORT),
        plan=expand(state, step, run, approval=approval),
        requested_by=context.person,
    )
    return [started, *_follow(evolve(state, started))]


def _approve(state: Migration, command: ApproveStep, person: str) -> list[Fact]:
    waiting = [
        task
        for task in state.plan
        if task.service is Service.PEOPLE and state.progress[task.task_id] is Progress.REQUESTED
    ]
    if not waiting or not state.under_way or state.step is not command.step:
        raise RejectedError(
            "not_awaiting_approval", f"The {command.step} step does not wait for an approval now."
        )
    if person == state.requested_by:
        raise RejectedError("own_request", "Who ran the step cannot approve it; ask somebody else to.")
    return _settle(
        state,
        waiting[0],
        ReportTaskSucceeded(
            migration_id=state.id, task_id=waiting[0].task_id, result={"approved_by": person}
        ),
    )


def _report(state: Migration, report: Report, publisher: str) -> list[Fact]:
    owner = state.owners.get(report.task_id)
    if owner is None:
        raise RejectedError("unknown_task", f"Migration {state.id} has no task {report.task_id}.")
    if owner not in WORKERS or publisher != broker_user(owner):
        raise RejectedError("not_owner", f"Task {report.task_id} belongs to {owner}, not to {publisher}.")
    if not state.under_way or state.progress.get(report.task_id) is not Progress.REQUESTED:
        raise RejectedError("superseded", f"Nobody waits for a report of task {report.task_id} any more.")
    task = next(task for task in state.plan if task.task_id == report.task_id)
    return _settle(state, task, report)


def _settle(state: Migration, task: facts.PlannedTask, report: Report) -> list[Fact]:
    """Return the end of a task, and what follows."""
    assert state.step is not None
    kept = task.model_dump(include={"task_id", "name", "service", "item"})
    common = {"migration_id": state.id, "step": state.step, **kept}
    reported: Fact
    if isinstance(report, ReportTaskSucceeded):
        reported = facts.TaskSucceeded(**common, result=report.result, skipped=report.skipped)
    else:
        reported = facts.TaskFailed(**common, reasons=report.reasons)
    return [reported, *_follow(evolve(state, reported))]


def _handover(state: Migration, command: Timer, publisher: str) -> list[Fact]:
    """Return what a timer says of the time after the migration, once each."""
    if publisher != TIMERS:
        raise RejectedError("not_owner", f"Only {TIMERS} knows when a hand-over ends, not {publisher}.")
    if state.status is not Status.DONE:
        raise RejectedError("wrong_state", f"There is no hand-over: this migration is {state.status}.")
    if isinstance(command, ExpireHandover):
        return [] if state.handover_expired else [facts.HandoverExpired(migration_id=state.id)]
    if state.handover_expired or command.remaining_seconds in state.reminders:
        return []
    return [facts.HandoverExpiring(**command.model_dump())]


def _follow(state: Migration) -> list[Fact]:
    """Return what follows at once: the next requests, or the end of the step."""
    assert state.step is not None
    requests: list[Fact] = list(next_requests(state))
    progress = set(state.progress.values())
    if requests or Progress.REQUESTED in progress:
        return requests  # what is under way is let finish, so that the step ends with nothing in flight
    if Progress.FAILED in progress:
        failed = facts.StepFailed(migration_id=state.id, step=state.step, run=state.run)
        return [failed, *(_release(state) if state.step is Step.PREFLIGHT else ())]
    return [facts.StepSucceeded(migration_id=state.id, step=state.step, run=state.run), *_end(state)]


def _end(state: Migration) -> list[Fact]:
    match state.step:
        case Step.FINALIZE:
            return [facts.MigrationDone(migration_id=state.id), *_release(state)]
        case Step.ABORT:
            return [facts.MigrationAborted(migration_id=state.id), *_release(state)]
        case _:
            return []


def _release(state: Migration) -> list[Fact]:
    if state.status is Status.PREFLIGHT_ERROR:
        return []  # released when the preflight failed
    return [
        facts.AppReleased(app=state.source, migration_id=state.id),
        facts.AppReleased(app=state.destination, migration_id=state.id),
    ]
