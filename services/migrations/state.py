"""A migration as its events left it.

Pure: the same events give the same state, whatever the plan's table says now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any
from uuid import UUID

from events import facts
from events.inventory import Inventory
from events.status import Status, status_after
from events.vocabulary import AppRef, Service, Step


class Progress(Enum):
    """How far a task of the current step is."""

    WAITING = auto()
    REQUESTED = auto()
    SUCCEEDED = auto()
    FAILED = auto()


Done = tuple[str, str | None]  # a task's name and item


@dataclass(frozen=True)
class Migration:
    """The state that decisions are made on."""

    id: UUID
    source: AppRef
    destination: AppRef
    version: int = 1
    status: Status = Status.CREATED
    step: Step | None = None
    run: int = 0
    epoch: int = 1
    plan: tuple[facts.PlannedTask, ...] = ()
    progress: Mapping[UUID, Progress] = field(default_factory=dict)
    owners: Mapping[UUID, Service] = field(default_factory=dict)
    requested: frozenset[str] = frozenset()
    results: Mapping[Done, dict[str, Any]] = field(default_factory=dict)
    failures: Mapping[Done, str] = field(default_factory=dict)  # the first code of each task's last failure
    inventory: Inventory | None = None
    requested_by: str = ""  # who ran the current step
    approved: Mapping[Step, str] = field(default_factory=dict)  # for whom a step was last approved
    reminders: frozenset[int] = frozenset()  # seconds before the hand-over's end
    handover_expired: bool = False

    @property
    def under_way(self) -> bool:
        """Whether a step is running."""
        return self.status in (Status.RUNNING, Status.ABORTING)


def evolve(state: Migration | None, fact: facts.Fact) -> Migration:
    """Apply one event of the migration's own stream."""
    if isinstance(fact, facts.MigrationCreated):
        return Migration(id=fact.migration_id, source=fact.source, destination=fact.destination)
    assert state is not None, f"{type(fact).__name__} before MigrationCreated"
    state = replace(state, version=state.version + 1, status=status_after(state.status, fact))
    match fact:
        case facts.StepStarted():
            state = _start(state, fact)
        case facts.TaskRequested():
            state = _progress(state, fact.task_id, Progress.REQUESTED)
            state = replace(state, requested=state.requested | {fact.name})
        case facts.TaskSucceeded():
            state = _succeed(_progress(state, fact.task_id, Progress.SUCCEEDED), fact)
        case facts.TaskFailed():
            state = _fail(_progress(state, fact.task_id, Progress.FAILED), fact)
        case facts.HandoverExpiring():
            state = replace(state, reminders=state.reminders | {fact.remaining_seconds})
        case facts.HandoverExpired():
            state = replace(state, handover_expired=True)
    return state


def fold(history: Iterable[facts.Fact], state: Migration | None = None) -> Migration | None:
    """Apply a stream's events in order."""
    for fact in history:
        state = evolve(state, fact)
    return state


def holder(history: Iterable[facts.Fact]) -> UUID | None:
    """Return the migration that holds an app's name, from the events of the name's stream."""
    held_by: UUID | None = None
    for fact in history:
        match fact:
            case facts.AppClaimed():
                held_by = fact.migration_id
            case facts.AppReleased() if fact.migration_id == held_by:
                held_by = None
    return held_by


def _start(state: Migration, fact: facts.StepStarted) -> Migration:
    return replace(
        state,
        step=fact.step,
        run=fact.run,
        epoch=fact.epoch,
        plan=fact.plan,
        requested_by=fact.requested_by,
        progress={task.task_id: Progress.WAITING for task in fact.plan},
        owners={**state.owners, **{task.task_id: task.service for task in fact.plan}},
    )


def _progress(state: Migration, task_id: UUID, progress: Progress) -> Migration:
    return replace(state, progress={**state.progress, task_id: progress})


def _succeed(state: Migration, fact: facts.TaskSucceeded) -> Migration:
    if fact.service is Service.PEOPLE:
        return replace(state, approved={**state.approved, fact.step: state.requested_by})
    done = (fact.name, fact.item)
    failures = {other: code for other, code in state.failures.items() if other != done}
    state = replace(state, results={**state.results, done: fact.result}, failures=failures)
    if fact.name == "freeze-source":
        return replace(state, inventory=Inventory.model_validate(fact.result["inventory"]))
    return state


def _fail(state: Migration, fact: facts.TaskFailed) -> Migration:
    return replace(state, failures={**state.failures, (fact.name, fact.item): fact.reasons[0].code})
