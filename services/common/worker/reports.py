"""The commands by which a worker tells what became of a task."""

from datetime import datetime
from uuid import UUID, uuid5

from events.commands import Report, ReportTaskFailed, ReportTaskSucceeded
from events.envelope import Envelope
from events.facts import TaskRequested
from services.common.worker.retry import reasons_of
from services.common.worker.task import Succeeded


def success(request: TaskRequested, outcome: Succeeded) -> Report:
    """Return the report of a task that is done."""
    return ReportTaskSucceeded(
        migration_id=request.migration_id,
        task_id=request.task_id,
        result=outcome.result,
        skipped=outcome.skipped,
    )


def failure(request: TaskRequested, error: Exception) -> Report:
    """Return the report of a task that failed."""
    return ReportTaskFailed(
        migration_id=request.migration_id, task_id=request.task_id, reasons=reasons_of(error)
    )


def wrap(report: Report, cause: Envelope, service: str, now: datetime) -> Envelope:
    """Put a report into its envelope.

    Its id comes from the task: whoever reports a task a second time, after a crash, sends the same command.
    """
    return Envelope.wrap(
        report,
        id=report_id(report.task_id),
        source=f"storky/{service}",
        time=now,
        correlationid=report.migration_id,
        causationid=cause.id,
        traceparent=cause.traceparent,
    )


def report_id(task_id: UUID) -> UUID:
    """Return the one id that the report of a task may have."""
    return uuid5(task_id, "report")
