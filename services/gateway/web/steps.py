"""A migration as its page shows it: its steps with their tasks, and what may be done next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from events.status import ENDED, Status, why_not_start
from events.vocabulary import Service, Step
from projections.status import MigrationStatus, TaskStatus
from services.common.notes import notes
from services.gateway.web.session import PATH

State = Literal["waiting", "running", "done", "error", "left-out"]
ROUTE = (Step.PREFLIGHT, Step.PREPARE, Step.DATA, Step.FINALIZE)


@dataclass(frozen=True)
class StepView:
    """A step, with the last attempt of each of its tasks."""

    step: Step
    state: State
    tasks: Sequence[TaskStatus]

    @property
    def done(self) -> int:
        """How many of its tasks are done."""
        return sum(task.state == "done" for task in self.tasks)

    @property
    def started_at(self) -> datetime | None:
        """When its first task started."""
        return min((task.started_at for task in self.tasks if task.started_at), default=None)

    @property
    def finished_at(self) -> datetime | None:
        """When its last task ended, once it is over."""
        if self.state == "running":
            return None
        return max((task.finished_at for task in self.tasks if task.finished_at), default=None)


@dataclass(frozen=True)
class MigrationView:
    """A migration's status, in the shape of its page."""

    migration: MigrationStatus

    @property
    def url(self) -> str:
        """The path of its page."""
        source = self.migration.source
        return f"{PATH}/migrations/{source.region}/{source.app}/{self.migration.id}"

    @property
    def route(self) -> list[StepView]:
        """The four steps of the way, also those that have not been started."""
        return [self._step(step) for step in ROUTE]

    @property
    def steps(self) -> list[StepView]:
        """The steps that were started, the latest first."""
        started = dict.fromkeys(task.step for task in self.migration.tasks)
        return [self._step(step) for step in reversed(started)]

    @property
    def latest(self) -> Step | None:
        """The step that was started last."""
        return self.migration.tasks[-1].step if self.migration.tasks else None

    @property
    def next(self) -> list[Step]:
        """The steps that can be run now, an abort excluded."""
        status = self.migration.status
        return [step for step in ROUTE if why_not_start(step, status, self.latest) is None]

    @property
    def awaiting(self) -> Step | None:
        """The step that waits for a second person to approve it."""
        waiting = (task.step for task in self.migration.tasks if _is_with_people(task))
        return next(waiting, None)

    @property
    def can_be_aborted(self) -> bool:
        """Whether there is something to undo that is not being undone."""
        return self.migration.status not in ENDED | {Status.ABORTING}

    @property
    def said(self) -> str:
        """Where it stands, in a sentence that is worth being read out."""
        if self.latest and self.migration.status in (Status.RUNNING, Status.ABORTING):
            step = self._step(self.latest)
            return f"The {step.step} step is running: {step.done} of {len(step.tasks)} tasks are done."
        return f"The migration is {self.migration.status}."

    @property
    def notes(self) -> list[str]:
        """What a person has to look after now."""
        return notes(self.migration.status, self.migration.destination.region, self.result)

    @property
    def records(self) -> list[dict[str, Any]]:
        """The DNS records that have to be changed, or may have to be, when the app has moved."""
        if self.migration.status is not Status.DONE:
            return []
        return [each for each in self.result("look-up-dns").get("records", ()) if each["status"] != "ok"]

    @property
    def forwarded_until(self) -> datetime | None:
        """Until when the old region sends the app's visitors on; None while it does not."""
        until = self.result("hand-over").get("expires_at")
        return datetime.fromisoformat(until) if until and self.migration.status is Status.DONE else None

    @property
    def stopped(self) -> tuple[datetime, datetime | None] | None:
        """From when the app did not run, and to when; None if it has not been stopped."""
        done = {task.name: task.finished_at for task in self.migration.tasks if _had_effect(task)}
        stop = done.get("stop-source")
        return (stop, done.get("hand-over") or done.get("start-old-app")) if stop else None

    def result(self, name: str) -> dict[str, Any]:
        """Return what the task of that name has told, or nothing."""
        task = self._task(name)
        return task.result if task else {}

    def _task(self, name: str) -> TaskStatus | None:
        return next((task for task in reversed(self.migration.tasks) if task.name == name), None)

    def _step(self, step: Step) -> StepView:
        tasks = list(self._attempts(step))
        return StepView(step, self._state(step, tasks), tasks)

    def _attempts(self, step: Step) -> Iterator[TaskStatus]:
        of_step = (task for task in self.migration.tasks if task.step is step)
        latest = {(task.name, task.item): task for task in of_step}
        for task in latest.values():
            if not (task.skipped and step is Step.ABORT):  # of an abort, only what there was to undo is told
                yield task

    def _state(self, step: Step, tasks: Sequence[TaskStatus]) -> State:
        if not tasks:
            passed = self.latest is Step.FINALIZE and step is Step.DATA
            return "left-out" if passed else "waiting"
        if step is self.latest and self.migration.status in (Status.RUNNING, Status.ABORTING):
            return "running"
        return "done" if all(task.state == "done" for task in tasks) else "error"


def _had_effect(task: TaskStatus) -> bool:
    return task.state == "done" and not task.skipped


def _is_with_people(task: TaskStatus) -> bool:
    return task.state == "running" and task.service is Service.PEOPLE
