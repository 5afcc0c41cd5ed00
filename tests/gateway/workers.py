"""Workers that do nothing in the regions and report at once: how a task ends is told by the app's name."""

import json
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
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

# The app's name starts with the key: its migrations fail at the task.
FAILS = {"uncheckable": "check-destination", "unbuildable": "import-build"}
SLOW, SLOWS = "copy-variables", {"slow": 2, "measured": 5}  # seconds
SKIPPED = "copy-scm-link"

HOST = "new.osc-fr1.example"
RECORDS = [
    {"domain": "www.example.com", "type": "CNAME", "from": [], "to": [HOST], "status": "unknown"},
    {"domain": "shop.example.com", "type": "CNAME", "from": [HOST], "to": [HOST], "status": "ok"},
    {"domain": "example.com", "type": "A", "from": ["192.0.2.1"], "to": ["192.0.2.9"], "status": "change"},
    {"domain": "example.com", "type": "AAAA", "from": ["2001:db8::1"], "to": [], "status": "change"},
]


async def outcome(task: TaskRequested, broker: Bus) -> Report:
    app = task.source.app.partition("-")[0]
    ids = {"migration_id": task.migration_id, "task_id": task.task_id}
    if FAILS.get(app) == task.name:
        where = {"app": app, "region": "osc-fr1"}
        reasons = tuple(Reason(code=code, params=where) for code in ("name_taken", "no_capacity"))
        return ReportTaskFailed(**ids, reasons=reasons)
    if task.name == "preflight-verdict" and (failed := task.inputs["failed"]["labels"]):
        reason = Reason(code="preflight_failed", params={"failed": ", ".join(failed)})
        return ReportTaskFailed(**ids, reasons=(reason,))
    if task.name == SLOW and app in SLOWS:
        await tell_progress(task, broker)
        await anyio.sleep(SLOWS[app])
    return ReportTaskSucceeded(**ids, result=result(task), skipped=task.name == SKIPPED)


async def tell_progress(task: TaskRequested, broker: Bus) -> None:
    far = {
        "migration_id": str(task.migration_id),
        "task_id": str(task.task_id),
        "bytes": 30_000_000,
        "total_bytes": 90_000_000,
        "rows": 10_000,
        "total_rows": None,
        "time": datetime.now(UTC).isoformat(),
    }
    await broker.publish_transient(PROGRESS, str(task.migration_id), json.dumps(far).encode())


ADDON = {"id": "ad-1", "provider": "postgresql", "plan": "small", "version": "18", "has_data": True}
DIGEST = "f00d" * 8

# What an app has whose name starts with "dns".
RICH: dict[str, dict[str, Any]] = {
    "copy-variables": {
        "mention_source": ["SEARCH_URL"],
        "items": [{"item": "GREETING", "source": DIGEST, "destination": DIGEST}],
    },
    "copy-collaborators": {"copied": 1, "pending": 2},
    "back-up-database": {"backup_id": "bk-1", "size_bytes": 5_000_000, "digest": DIGEST},
    "compare-addons": {"missing": [{"provider": "redis", "plan": "tiny"}]},
    "look-up-dns": {"records": RECORDS},
}


def result(task: TaskRequested) -> dict[str, Any]:
    frozen: dict[str, Any] = {"app_id": f"id-{task.source.app}", "status": "running"}
    plain: dict[str, dict[str, Any]] = {
        "freeze-source": {"inventory": frozen},
        "create-app": {"app_id": f"id-{task.destination.app}"},
        "hand-over": {"expires_at": "2030-01-31T12:00:00Z"},
    }
    if task.source.app.startswith("dns"):
        frozen["addons"] = [ADDON]
        plain |= RICH
    return plain.get(task.name, {})


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
