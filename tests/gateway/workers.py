"""Workers that do nothing in the regions and report at once: how a task ends is told by the app's name."""

import json
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import anyio
from anyio.from_thread import start_blocking_portal

from events.bus import Bus, Delivery, Done, Outgoing, connect
from events.bus.topology import COMMANDS, PROGRESS, command_key, task_queue
from events.catalogue import decode_fact
from events.commands import Report, ReportTaskFailed, ReportTaskSucceeded
from events.envelope import Envelope
from events.facts import TaskRequested
from events.failures import Reason
from events.vocabulary import Service

SLOW = 2  # seconds

# The app's name starts with the key: its migrations fail at the task.
FAILS = {"uncheckable": "check-app", "unbuildable": "import-build"}
SLOWS = {"slow": "copy-variables"}


async def outcome(task: TaskRequested, broker: Bus) -> Report:
    app = task.source.app.partition("-")[0]
    ids = {"migration_id": task.migration_id, "task_id": task.task_id}
    if FAILS.get(app) == task.name:
        reason = Reason(code="name_taken", params={"app": app, "region": "osc-fr1"})
        return ReportTaskFailed(**ids, reasons=(reason,))
    if SLOWS.get(app) == task.name:
        await tell_progress(task, broker)
        await anyio.sleep(SLOW)
    return ReportTaskSucceeded(**ids, result=result(task), skipped=task.name == "copy-domains")


async def tell_progress(task: TaskRequested, broker: Bus) -> None:
    """Tell that 30 of 90 MB took 10 seconds."""
    for seconds in (0, 10):
        far = {
            "migration_id": str(task.migration_id),
            "task_id": str(task.task_id),
            "bytes": seconds * 3_000_000,
            "total_bytes": 90_000_000,
            "rows": seconds * 1_000,
            "total_rows": None,
            "time": (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(),
        }
        await broker.publish_transient(PROGRESS, str(task.migration_id), json.dumps(far).encode())


def result(task: TaskRequested) -> dict[str, Any]:
    match task.name:
        case "freeze-source":
            return {"inventory": {"app_id": f"id-{task.source.app}", "status": "running"}}
        case "create-app":
            return {"app_id": f"id-{task.destination.app}"}
        case "copy-variables":
            return {"mention_source": ["SEARCH_URL"] if task.source.app.startswith("dns") else []}
        case "hand-over":
            return {"expires_at": "2030-01-31T12:00:00Z"}
        case _:
            return {}


async def work(urls: dict[Service, str]) -> None:
    async with AsyncExitStack() as stack, anyio.create_task_group() as group:
        for service, url in urls.items():
            broker = await stack.enter_async_context(connect([url], service))

            async def handle(delivery: Delivery, broker: Bus = broker) -> Done:
                envelope = Envelope.parse(delivery.body)
                task = decode_fact(envelope.name, envelope.schemaversion, envelope.data)
                assert isinstance(task, TaskRequested)
                report = await outcome(task, broker)
                answer = Envelope.wrap(report, id=uuid4(), source="tests", correlationid=task.migration_id)
                key = command_key(answer.name)
                await broker.publish(Outgoing(COMMANDS, key, answer.to_bytes(), answer.id))
                return Done()

            async def consume(queue: str, broker: Bus = broker, handle: Any = handle) -> None:
                await broker.consume(queue, handle, prefetch=10, concurrency=10)

            group.start_soon(consume, task_queue(service))


@contextmanager
def working(urls: dict[Service, str]) -> Iterator[None]:
    """Work on a thread for as long as the block lasts."""
    with start_blocking_portal() as portal:
        done = portal.start_task_soon(work, urls)
        yield
        done.cancel()
