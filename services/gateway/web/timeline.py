"""The events of a migration as sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from events import facts
from events.catalogue import decode_fact
from events.failures import messages
from projections.status import MigrationStatus
from services.gateway.events_wire import WireEvent
from services.gateway.web.words import STEP

KINDS: Mapping[str, tuple[type[facts.Fact], ...]] = {
    "steps": (
        facts.MigrationCreated,
        facts.StepStarted,
        facts.StepSucceeded,
        facts.StepFailed,
        facts.MigrationDone,
        facts.MigrationAborted,
    ),
    "tasks": (facts.TaskRequested, facts.TaskSucceeded, facts.TaskFailed),
    "failures": (facts.TaskFailed, facts.StepFailed),
    "traffic": (facts.HandoverExpiring, facts.HandoverExpired),
}

SENTENCES: Mapping[type[facts.Fact], str] = {
    facts.MigrationCreated: "The migration was opened",
    facts.MigrationDone: "The app has moved",
    facts.MigrationAborted: "The migration was undone",
    facts.HandoverExpiring: "The old region will soon send visitors on no longer",
    facts.HandoverExpired: "The old region sends visitors on no longer",
}
# After the name of a step or the label of a task.
ENDS: Mapping[type[facts.Fact], str] = {
    facts.StepStarted: "started",
    facts.StepSucceeded: "succeeded",
    facts.StepFailed: "failed",
    facts.TaskRequested: "begun",
    facts.TaskSucceeded: "done",
    facts.TaskFailed: "failed",
}


@dataclass(frozen=True)
class Entry:
    """A line of the timeline."""

    event: WireEvent
    sentence: str
    detail: str
    kinds: tuple[str, ...]

    @property
    def who(self) -> str:
        """Who caused it: the user that a service acted for, else the service, without what all are called."""
        return self.event.on_behalf_of or self.event.actor.removeprefix("storky-")


class Teller:
    """Turns a migration's events into lines, in order: a task's label is told when its step starts."""

    def __init__(self, migration: MigrationStatus | None = None) -> None:
        """Begin with the first event, or with what comes after this status."""
        self._labels = {task.task_id: task.label for task in migration.tasks} if migration else {}

    def entry(self, event: WireEvent) -> Entry:
        """Return the line of the next event."""
        fact = decode_fact(event.type, event.schema_version, event.data)
        if isinstance(fact, facts.StepStarted):
            self._labels |= {task.task_id: task.label for task in fact.plan}
        kinds = tuple(kind for kind, types in KINDS.items() if isinstance(fact, types))
        return Entry(event, _sentence(fact, self._labels), _detail(fact), kinds)


def _sentence(fact: facts.Fact, labels: Mapping[UUID, str]) -> str:
    match fact:
        case facts.StepStarted() | facts.StepSucceeded() | facts.StepFailed():
            return f"{STEP[fact.step]} {ENDS[type(fact)]}"
        case facts.TaskSucceeded(skipped=True):
            return f"{labels[fact.task_id]}: nothing to do"
        case facts.TaskRequested() | facts.TaskSucceeded() | facts.TaskFailed():
            return f"{labels[fact.task_id]}: {ENDS[type(fact)]}"
        case _:
            return SENTENCES[type(fact)]


def _detail(fact: facts.Fact) -> str:
    match fact:
        case facts.MigrationCreated():
            return f"{fact.source} to {fact.destination}"
        case facts.StepStarted():
            return f"{len(fact.plan)} tasks"
        case facts.TaskFailed():
            return messages(fact.reasons)
        case _:
            return ""
