"""From a message to a task, and from its outcome to a report: at least once, each with one effect."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import anyio
import structlog
from pydantic import ValidationError

from events.bus import Again, BusUnavailableError, Delivery, Done, Outgoing, Park, Verdict
from events.bus.topology import COMMANDS, PROGRESS, command_key, delay_for
from events.catalogue import UnknownMessageError, decode_fact
from events.commands import Report
from events.envelope import Envelope, MalformedError, describe
from events.facts import TaskRequested
from events.trace_context import following
from events.tracing import traced
from events.vocabulary import Service
from regions.directory import Directory
from services.common.worker import reports
from services.common.worker.announcements import announcement
from services.common.worker.digests import Digests
from services.common.worker.retry import Reaction, react, reasons_of
from services.common.worker.task import LookAgain, Outcome, Task, Tasks

log = structlog.get_logger()

BROKER_AWAY = 1.0  # seconds between two tries to report while the broker does not answer

Publish = Callable[[Outgoing], Awaitable[None]]
Announce = Callable[[str, str, bytes], Awaitable[None]]  # exchange, routing key, body; never fails


class UnreadableError(Exception):
    """The message is no task that this worker knows. The text quotes none of its content."""


@dataclass(frozen=True)
class Worker:
    """The handler of one service's queue of tasks."""

    service: Service
    tasks: Tasks
    regions: Directory
    publish: Publish
    announce: Announce
    digests: Digests
    attempts: int

    async def handle(self, delivery: Delivery) -> Verdict:
        """Do the task. Its report is with the broker before the message is acknowledged."""
        try:
            envelope, request = self._read(delivery.body)
        except UnreadableError as error:
            log.warning("parked", action="task_parked", reason=str(error))
            return Park(str(error))
        with (
            structlog.contextvars.bound_contextvars(
                migration=str(request.migration_id), task=request.name, task_id=str(request.task_id)
            ),
            following(envelope.traceparent),
        ):
            return await self._do(envelope, request, delivery)

    def _read(self, body: bytes) -> tuple[Envelope, TaskRequested]:
        try:
            envelope = Envelope.parse(body)
            request = decode_fact(envelope.name, envelope.schemaversion, envelope.data)
        except ValidationError as error:
            raise UnreadableError(describe(error)) from None
        except (MalformedError, UnknownMessageError) as error:
            raise UnreadableError(str(error)) from None
        if not isinstance(request, TaskRequested):
            raise UnreadableError(f"{envelope.name} is not a task")
        if request.name not in self.tasks:
            raise UnreadableError(f"the {self.service} worker has no task of that name; update it")
        return envelope, request

    async def _do(self, envelope: Envelope, request: TaskRequested, delivery: Delivery) -> Verdict:
        try:
            outcome = await self._outcome(envelope, request, delivery)
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for an answer
            return await self._failed(error, envelope, request, delivery)
        if isinstance(outcome, LookAgain):
            return await self._look_again(outcome, request, delivery)
        await self._report(reports.success(request, outcome), envelope)
        log.info("done", action="task_succeeded", skipped=outcome.skipped)
        return Done()

    async def _look_again(self, outcome: LookAgain, request: TaskRequested, delivery: Delivery) -> Verdict:
        log.info("under way", action="task_looked_at", look=delivery.look)
        if outcome.progress:
            body = announcement(request, outcome.progress)
            await self.announce(PROGRESS, str(request.migration_id), body)
        return Again(outcome.delay_seconds, failed=False)

    async def _outcome(self, envelope: Envelope, request: TaskRequested, delivery: Delivery) -> Outcome:
        task = Task(
            request,
            requested_at=envelope.time,
            source=self.regions.region(request.source.region),
            destination=self.regions.region(request.destination.region),
            digests=self.digests,
            look=delivery.look,
            attempt=delivery.attempt,
        )
        return await self.tasks[request.name](task)

    async def _failed(
        self, error: Exception, envelope: Envelope, request: TaskRequested, delivery: Delivery
    ) -> Verdict:
        reaction = react(error, request.step, delivery.attempt, self.attempts)
        _log(error, reaction, delivery.attempt)
        match reaction:
            case Reaction.RETRY:
                return Again(delay_for(delivery.attempt), failed=True)
            case Reaction.REPORT:
                await self._report(reports.failure(request, error), envelope)
        return Done()

    async def _report(self, report: Report, cause: Envelope) -> None:
        """Publish the report, however long the broker is away."""
        envelope = reports.wrap(report, cause, self.service, datetime.now(UTC))
        outgoing = Outgoing(COMMANDS, command_key(envelope.name), envelope.to_bytes(), envelope.id)
        while True:
            try:
                return await self.publish(outgoing)
            except BusUnavailableError as error:
                log.warning("cannot report", action="task_report", reason=str(error))
                await anyio.sleep(BROKER_AWAY)


def _log(error: Exception, reaction: Reaction, attempt: int) -> None:
    """Log a failure; of an unforeseen one, where it was raised."""
    reasons = [reason.model_dump() for reason in reasons_of(error)]
    raised = traced(error) if reasons[0]["code"] == "internal" else {}
    log.warning("failed", action=f"task_{reaction.name.lower()}", reasons=reasons, attempt=attempt, **raised)
