"""A migration told by commands and reports: the given, the when and the then of these tests."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from events import facts
from events.commands import (
    AbortMigration,
    CreateMigration,
    MigrationCommand,
    ReportTaskFailed,
    ReportTaskSucceeded,
    RunStep,
)
from events.facts import Fact
from events.failures import Reason
from events.vocabulary import GATEWAY, WORKERS, AppRef, Step, broker_user
from services.migrations.context import Context
from services.migrations.decide import decide
from services.migrations.state import Migration, fold

MIGRATION = UUID("8e624121-2ce3-4b01-9bf4-d5e2b32df7e9")
SOURCE = AppRef(region="agora-fr1", app="my-app")
DESTINATION = AppRef(region="osc-fr1", app="my-app")
REGIONS = frozenset({"agora-fr1", "osc-fr1"})
CREATE = CreateMigration(migration_id=MIGRATION, source=SOURCE, destination=DESTINATION)
ABORT = AbortMigration(migration_id=MIGRATION)


def addon(name: str, *, has_data: bool = True) -> dict[str, Any]:
    return {
        "id": name,
        "provider": "postgresql" if has_data else "logbook",
        "plan": "small",
        "version": "18",
        "has_data": has_data,
    }


def inventory(status: str = "running", *addons: dict[str, Any]) -> dict[str, Any]:
    return {"app_id": "app-1", "status": status, "addons": list(addons)}


class Story:
    """A migration told by its commands; every event is kept."""

    def __init__(
        self, frozen: dict[str, Any] | None = None, approvals: frozenset[Step] = frozenset()
    ) -> None:
        self.history: list[Fact] = []
        self.approvals = approvals
        self.frozen = frozen or inventory("running", addon("ad-1"))

    @property
    def state(self) -> Migration:
        stream = (fact for fact in self.history if isinstance(fact, facts.MigrationFact))
        state = fold(stream)
        assert state is not None
        return state

    def when(
        self, command: MigrationCommand, publisher: str = GATEWAY, user: str | None = None
    ) -> list[Fact]:
        before = self.state if self.history else None
        context = Context(publisher, REGIONS, on_behalf_of=user, approvals=self.approvals)
        new = decide(before, command, context)
        self.history += new
        return new

    def run(self, step: Step, user: str | None = None) -> list[Fact]:
        return self.when(RunStep(migration_id=MIGRATION, step=step), user=user)

    def asked(self) -> list[facts.TaskRequested]:
        """What workers were asked for in the current step and have not reported."""
        settled = {
            fact.task_id for fact in self.history if isinstance(fact, facts.TaskSucceeded | facts.TaskFailed)
        }
        current = {task.task_id for task in self.state.plan}
        return [
            fact
            for fact in self.history
            if isinstance(fact, facts.TaskRequested)
            and fact.service in WORKERS
            and fact.task_id in current - settled
        ]

    def succeed(self, task: facts.TaskRequested, **result: Any) -> list[Fact]:
        if task.name == "freeze-source":
            result = {"inventory": self.frozen}
        report = ReportTaskSucceeded(migration_id=MIGRATION, task_id=task.task_id, result=result)
        return self.when(report, broker_user(task.service))

    def fail(self, task: facts.TaskRequested, code: str = "some_code") -> list[Fact]:
        report = ReportTaskFailed(migration_id=MIGRATION, task_id=task.task_id, reasons=(Reason(code=code),))
        return self.when(report, broker_user(task.service))

    def work(self) -> "Story":
        """Let the workers do everything that is asked until nothing is asked any more."""
        while self.state.under_way and (asked := self.asked()):
            self.succeed(asked[0])
        return self

    def through(self, *steps: Step) -> "Story":
        self.when(CREATE)
        for step in steps:
            self.run(step)
            self.work()
        return self


def names(new: Iterable[Fact]) -> list[str]:
    return [
        f"{type(fact).__name__} {fact.name}" if isinstance(fact, facts.TaskRequested) else type(fact).__name__
        for fact in new
    ]
