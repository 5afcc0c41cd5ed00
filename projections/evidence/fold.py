"""From a migration's events to its evidence. Pure: the same events give the same evidence for ever."""

from collections.abc import Sequence
from uuid import UUID

from events import facts
from events.status import Status, status_after
from events.store import RecordedEvent
from events.vocabulary import Service, Step
from projections.evidence.model import (
    Act,
    CopiedItem,
    Evidence,
    Handover,
    LogEntry,
    LogExcerpt,
    Outcome,
    Span,
    StepRun,
    TaskRun,
    Who,
)

APART = frozenset(
    {"items", "inventory", "records"}
)  # parts of a result that have places of their own, or none


def evidence(history: Sequence[RecordedEvent]) -> Evidence:
    """Return the evidence of a migration, from all events of its stream."""
    known = _opened(history)
    for event in history[1:]:
        fact = event.decode()
        known.status = status_after(known.status, fact)
        _apply(known, fact, event)
    return known


def _opened(history: Sequence[RecordedEvent]) -> Evidence:
    event = history[0]
    fact = event.decode()
    assert isinstance(fact, facts.MigrationCreated), f"{event.type} before MigrationCreated"
    ends = {"first": LogEntry.of(event), "last": LogEntry.of(history[-1])}
    return Evidence(
        migration_id=fact.migration_id,
        source=fact.source,
        destination=fact.destination,
        status=Status.CREATED,
        acts=[Act(what="create", at=event.recorded_at, by=Who.of(event))],
        log=LogExcerpt(stream=event.stream, events=len(history), **ends),
    )


def _apply(known: Evidence, fact: facts.Fact, event: RecordedEvent) -> None:
    match fact:
        case facts.StepStarted():
            _start(known, fact, event)
        case facts.TaskRequested():
            task = _task(known, fact.task_id)
            task.started_at, task.outcome = event.recorded_at, "running"
        case facts.TaskSucceeded():
            _succeed(known, fact, event)
        case facts.TaskFailed():
            _end(known, fact.task_id, "failed", event).reasons = fact.reasons
        case facts.StepSucceeded() | facts.StepFailed():
            step = known.steps[-1]
            step.ended_at = event.recorded_at
            step.outcome = "succeeded" if isinstance(fact, facts.StepSucceeded) else "failed"
        case facts.MigrationAborted() if known.acts[-1].what != Step.ABORT:  # there was nothing to undo
            _act(known, Step.ABORT, event)
            _overtake(known, event)
        case facts.HandoverExpiring() if known.handover:
            known.handover.reminded_at.append(event.recorded_at)
        case facts.HandoverExpired() if known.handover:
            known.handover.expired_at = event.recorded_at


def _start(known: Evidence, fact: facts.StepStarted, event: RecordedEvent) -> None:
    _act(known, fact.step, event)
    _overtake(known, event)
    tasks = [TaskRun(**task.model_dump(include=set(TaskRun.model_fields))) for task in fact.plan]
    known.steps.append(StepRun(step=fact.step, run=fact.run, started_at=event.recorded_at, tasks=tasks))


def _succeed(known: Evidence, fact: facts.TaskSucceeded, event: RecordedEvent) -> None:
    task = _end(known, fact.task_id, "skipped" if fact.skipped else "succeeded", event)
    task.result = {name: value for name, value in fact.result.items() if name not in APART}
    known.items += [CopiedItem(task=fact.name, of=fact.item, **item) for item in fact.result.get("items", ())]
    if fact.service is Service.PEOPLE:
        _act(known, "approve", event)
    match fact.name:
        case "freeze-source":
            known.app_id = fact.result["inventory"]["app_id"]
        case "create-app":
            known.new_app_id = fact.result.get("app_id")
        case "stop-source" if not fact.skipped:
            known.downtime = Span(started_at=event.recorded_at)
        case "start-old-app" if known.downtime:
            known.downtime.ended_at = event.recorded_at
        case "look-up-dns":
            known.dns_records = fact.result.get("records", [])
        case "hand-over":
            _hand_over(known, fact, event)
    if fact.step is Step.ABORT and not fact.skipped:
        known.undone.append(task.label)


def _hand_over(known: Evidence, fact: facts.TaskSucceeded, event: RecordedEvent) -> None:
    known.handover = Handover(until=fact.result.get("expires_at"))
    if known.downtime:
        known.downtime.ended_at = event.recorded_at


def _act(known: Evidence, what: str, event: RecordedEvent) -> None:
    known.acts.append(Act(what=what, at=event.recorded_at, by=Who.of(event)))


def _overtake(known: Evidence, event: RecordedEvent) -> None:
    """End the step that is under way: an abort waits for nobody."""
    if known.steps and known.steps[-1].ended_at is None:
        known.steps[-1].ended_at = event.recorded_at
        known.steps[-1].outcome = "overtaken"
        for task in known.steps[-1].tasks:
            if task.outcome == "running":
                _end(known, task.task_id, "overtaken", event)


def _end(known: Evidence, task_id: UUID, outcome: Outcome, event: RecordedEvent) -> TaskRun:
    task = _task(known, task_id)
    task.ended_at, task.outcome, task.ended_by = event.recorded_at, outcome, Who.of(event)
    return task


def _task(known: Evidence, task_id: UUID) -> TaskRun:
    return next(task for task in known.steps[-1].tasks if task.task_id == task_id)
