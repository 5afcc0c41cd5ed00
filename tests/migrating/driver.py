"""A migration between real regions without a broker and without a log.

The core decides, and the workers' own runtimes and task functions do the work. The driver stands for all
that is between them: it hands each request to its worker, and each report back to the core.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import UUID, uuid4

import anyio

from events.bus import Again, Delivery, Done, Outgoing, Verdict
from events.bus.topology import event_key, task_queue
from events.catalogue import decode_command
from events.commands import (
    AbortMigration,
    CreateMigration,
    MigrationCommand,
    Report,
    ReportTaskFailed,
    ReportTaskSucceeded,
    RunStep,
)
from events.envelope import Envelope
from events.facts import Fact, MigrationFact, PlannedTask, TaskRequested
from events.failures import messages
from events.status import Status
from events.vocabulary import GATEWAY, AppRef, Service, Step, broker_user
from regions.directory import Directory
from services.addons.tasks import TASKS as ADDONS
from services.apps.tasks import TASKS as APPS
from services.common.worker.digests import Digests
from services.common.worker.runtime import Worker
from services.common.worker.task import Tasks
from services.migrations.context import Context
from services.migrations.decide import decide
from services.migrations.rejections import RejectedError
from services.migrations.state import Migration, Progress, evolve
from services.routing.tasks import Settings
from services.routing.tasks import tasks as routing_tasks

PATIENCE = 60  # seconds for one task
LONGEST_PAUSE = 0.2  # seconds between two looks
ATTEMPTS = 2

EVERY_STEP = (Step.PREFLIGHT, Step.PREPARE, Step.DATA, Step.FINALIZE)
BETWEEN_STEPS = frozenset({Status.CREATED, Status.PREFLIGHT_SUCCESS, Status.PREPARED, Status.DATA_MIGRATED})
DIGESTS = Digests("a key of the tests")


@dataclass(frozen=True)
class Workplace:
    """What all workers of a test share: the regions, and a name server for the one that looks up records."""

    regions: Directory
    name_server: str

    @property
    def tasks(self) -> Mapping[Service, Tasks]:
        """The tables of the three workers."""
        routing = routing_tasks(Settings.model_validate({"dns_resolver": self.name_server}))
        return {Service.APPS: APPS, Service.ADDONS: ADDONS, Service.ROUTING: routing}


class Driver:
    """One migration, created. From there on, only what it is told to happens."""

    def __init__(
        self, workplace: Workplace, source: AppRef, destination: AppRef, steps: Sequence[Step] = EVERY_STEP
    ) -> None:
        """Say with what the workers work, and which steps are to be run one after the other."""
        self.id = uuid4()
        self.requests: dict[UUID, TaskRequested] = {}
        self.refused: list[str] = []  # the codes of the reports that nobody waited for
        self._messages: dict[UUID, bytes] = {}
        self._reported: dict[UUID, Report] = {}
        self._state: Migration | None = None
        self._steps = iter(steps)
        self._regions = frozenset({source.region, destination.region})
        self._is_listening = True
        self._workers = {
            service: Worker(
                service,
                tasks,
                workplace.regions,
                publish=partial(self._hear, service),
                announce=_nobody_watches,
                digests=DIGESTS,
                attempts=ATTEMPTS,
            )
            for service, tasks in workplace.tasks.items()
        }
        self.order(CreateMigration(migration_id=self.id, source=source, destination=destination))

    @property
    def state(self) -> Migration:
        """Where the migration stands."""
        assert self._state
        return self._state

    def order(self, command: MigrationCommand, publisher: str = GATEWAY) -> list[Fact]:
        """Have the core decide on a command; returns the events. Raises RejectedError."""
        new = decide(self._state, command, Context(publisher=publisher, regions=self._regions))
        for fact in new:
            if isinstance(fact, MigrationFact):
                self._state = evolve(self._state, fact)
            if isinstance(fact, TaskRequested):
                self._request(fact)
        return new

    def abort(self) -> list[Fact]:
        """Ask for an abort; returns the events."""
        return self.order(AbortMigration(migration_id=self.id))

    def asked(self) -> list[TaskRequested]:
        """Return the tasks that are asked for and not reported, in the plan's order."""
        return [self.requests[task.task_id] for task in self._progress(Progress.REQUESTED)]

    def next_task(self) -> TaskRequested:
        """Return the first of the tasks that are asked for; between two steps, the next one is started."""
        while self.state.status in BETWEEN_STEPS:  # a step without tasks ends at once
            self.order(RunStep(migration_id=self.id, step=next(self._steps)))
        return self.asked()[0]

    @property
    def remaining(self) -> int:
        """How many tasks of the step that is running have not succeeded."""
        return len(self.state.plan) - len(self._progress(Progress.SUCCEEDED)) if self.state.under_way else 0

    async def advance(self, tasks: int = 1) -> None:
        """Have so many more tasks done, one at a time."""
        for _ in range(tasks):
            await self.succeed(self.next_task())

    async def start(self, step: Step) -> None:
        """Have everything done that comes before a step, and start it.

        Checks change nothing: before another step they are only said to have succeeded.
        """
        while (task := self.next_task()).step is not step:
            await self._pass(task)

    async def come_to(self, name: str) -> TaskRequested:
        """Have everything done that comes before a task of that name, for whatever item; returns it."""
        while (task := self.next_task()).name != name:
            await self._pass(task)
        return task

    async def _pass(self, task: TaskRequested) -> None:
        if task.step is Step.PREFLIGHT:
            self._report(task.service, ReportTaskSucceeded(migration_id=self.id, task_id=task.task_id))
        else:
            await self.succeed(task)

    async def finish(self) -> None:
        """Have everything done that the running step asks for."""
        while self.state.under_way:
            await self.succeed(self.asked()[0])

    async def succeed(self, task: TaskRequested) -> None:
        """Have a task done; a report that says otherwise fails the test."""
        await self.deliver(task)
        assert self.state.progress[task.task_id] is Progress.SUCCEEDED, self._why(task)

    async def deliver(self, task: TaskRequested) -> None:
        """Hand a task to its worker, again for each look and each retry, and take its report.

        A task may be delivered any number of times, also long after it was reported.
        """
        look = attempt = 0
        with anyio.fail_after(PATIENCE):
            while isinstance(verdict := await self._handle(task, look, attempt), Again):
                look, attempt = look + (not verdict.failed), attempt + verdict.failed
                await anyio.sleep(min(verdict.delay_seconds, LONGEST_PAUSE))
        assert isinstance(verdict, Done), verdict

    async def do_unheard(self, task: TaskRequested) -> None:
        """Have a task's effect made in the regions, and its report lost."""
        self._is_listening = False
        try:
            await self.deliver(task)
        finally:
            self._is_listening = True

    async def begin(self, task: TaskRequested) -> None:
        """Have a region start with a task's work, and nobody look at it again."""
        self._is_listening = False
        try:
            await self._handle(task, 0, 0)
        finally:
            self._is_listening = True

    def overtaken(self) -> list[TaskRequested]:
        """Return the tasks whose worker an abort has overtaken: nobody waits for their reports any more."""
        return [
            task
            for id_, task in self.requests.items()
            if id_ not in self._reported | self.state.progress.keys()
        ]

    def _progress(self, progress: Progress) -> list[PlannedTask]:
        return [task for task in self.state.plan if self.state.progress[task.task_id] is progress]

    def _request(self, task: TaskRequested) -> None:
        """Keep the message: a task that is delivered again is the same one, also in its time."""
        envelope = Envelope.wrap(task, id=uuid4(), source="storky/migrations", time=datetime.now(UTC))
        self.requests[task.task_id] = task
        self._messages[task.task_id] = envelope.to_bytes()

    async def _handle(self, task: TaskRequested, look: int, attempt: int) -> Verdict:
        delivery = Delivery(
            queue=task_queue(task.service),
            routing_key=event_key("TaskRequested", task.step, task.service),
            body=self._messages[task.task_id],
            message_id=None,
            user_id=None,
            actor=None,
            headers={},
            reply_to=None,
            correlation_id=None,
            redelivered=False,
            attempt=attempt,
            look=look,
        )
        return await self._workers[task.service].handle(delivery)

    async def _hear(self, service: Service, outgoing: Outgoing) -> None:
        """Take a worker's report to the core, unless it is to be lost."""
        if not self._is_listening:
            return
        envelope = Envelope.parse(outgoing.body)
        report = decode_command(envelope.name, envelope.schemaversion, envelope.data)
        assert isinstance(report, Report)
        self._report(service, report)

    def _report(self, service: Service, report: Report) -> None:
        try:
            self.order(report, broker_user(service))
        except RejectedError as error:
            self.refused.append(error.code)
        else:
            self._reported[report.task_id] = report

    def _why(self, task: TaskRequested) -> str:
        report = self._reported.get(task.task_id)
        failed = messages(report.reasons) if isinstance(report, ReportTaskFailed) else "no report was taken"
        return f"{task.label}: {failed}"


async def _nobody_listens(exchange: str, routing_key: str, body: bytes) -> None:
    """Let an announcement of progress go by."""


async def _nobody_watches(_exchange: str, _key: str, _body: bytes) -> None:
    """Let the announcements of progress go by."""
