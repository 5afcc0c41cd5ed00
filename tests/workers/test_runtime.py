"""What a worker does with a task, whatever the task is: seen from the bus."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import anyio
import pytest

from events.bus import Again, Delivery
from events.bus.topology import PROGRESS, task_queue
from events.envelope import Envelope
from events.facts import TaskRequested
from events.failures import messages
from events.vocabulary import Service
from local.ports import free_port
from regions.directory import Directory
from regions.http import HttpRegion
from regions.model import Progress
from services.common.worker.digests import Digests
from services.common.worker.reports import report_id
from services.common.worker.runtime import Worker
from services.common.worker.task import Outcome, Task
from tests.workers.conftest import Hire
from tests.workers.desk import DESTINATION, SOURCE, Desk, task

pytestmark = pytest.mark.anyio


def unreachable() -> dict[str, dict[str, str]]:
    """Two regions at whose address nobody listens."""
    api = f"http://127.0.0.1:{free_port()}"
    return {name: {"api": api, "credential": "credential"} for name in (SOURCE, DESTINATION)}


async def test_a_region_that_stays_away_is_reported_in_words_a_user_understands(
    desk: Desk, hire: Hire
) -> None:
    await hire(Service.ROUTING, unreachable(), STORKY_TASK_ATTEMPTS="2").start()
    requested = task(Service.ROUTING, "copy-domains")
    cause = await desk.request(requested)

    report = await desk.failure(requested)

    text = "There is no connection to the region agora-fr1. Try again later."
    assert messages(report.reasons) == text
    assert report.migration_id == requested.migration_id
    envelope = desk.envelopes[-1]
    assert envelope.id == report_id(requested.task_id)
    assert (envelope.source, envelope.type) == ("storky/routing", "storky.ReportTaskFailed")
    assert (envelope.correlationid, envelope.causationid) == (requested.migration_id, cause.id)
    assert envelope.traceparent == cause.traceparent


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{}", "id: Field required"),
        (
            Envelope.wrap(
                task(Service.ROUTING, "copy-domains"), id=task(Service.ROUTING, "x").task_id, source="s"
            )
            .to_bytes()
            .replace(b"copy-domains", b"paint-domains"),
            "the routing worker has no task of that name; update it",
        ),
    ],
)
async def test_what_is_no_task_of_ours_is_parked_with_the_reason(
    desk: Desk, hire: Hire, body: bytes, reason: str
) -> None:
    await hire(Service.ROUTING, unreachable()).start()

    await desk.publish(body, Service.ROUTING)

    parked: dict[bytes, str] = {}
    with anyio.fail_after(30):
        while body not in parked:  # what an earlier test has parked may come once more
            parked |= dict(await desk.parked())
            await anyio.sleep(0.05)
    assert reason in parked[body]


async def test_how_far_long_work_is_is_announced_with_each_look() -> None:
    announced: list[tuple[str, str, bytes]] = []

    async def back_up(task: Task) -> Outcome:
        return task.look_again(Progress(bytes=3, total_bytes=10) if task.look else None)

    async def announce(exchange: str, key: str, body: bytes) -> None:
        announced.append((exchange, key, body))

    async def publish(_: object) -> None:
        raise AssertionError("nothing is to be reported yet")

    regions = Directory({name: HttpRegion(name, "http://127.0.0.1:1", "-") for name in (SOURCE, DESTINATION)})
    worker = Worker(
        Service.ADDONS,
        {"back-up-database": back_up},
        regions,
        publish,
        announce,
        Digests("a key"),
        attempts=1,
    )
    requested = task(Service.ADDONS, "back-up-database")
    before = datetime.now(UTC)

    first = await worker.handle(delivery(requested, look=0))
    assert announced == []
    later = await worker.handle(delivery(requested, look=100))

    assert (first, later) == (Again(0.2, failed=False), Again(1.0, failed=False))
    ((exchange, key, body),) = announced
    told = json.loads(body)
    assert (exchange, key) == (PROGRESS, str(requested.migration_id))
    assert datetime.fromisoformat(told.pop("time")) >= before
    assert told == {
        "migration_id": str(requested.migration_id),
        "task_id": str(requested.task_id),
        "bytes": 3,
        "total_bytes": 10,
        "rows": None,
        "total_rows": None,
    }


def delivery(requested: TaskRequested, look: int) -> Delivery:
    """Return the task as the bus hands it over."""
    return Delivery(
        queue=task_queue(requested.service),
        routing_key="",
        body=Envelope.wrap(requested, id=uuid4(), source="storky/migrations").to_bytes(),
        message_id=None,
        user_id=None,
        actor=None,
        headers={},
        reply_to=None,
        correlation_id=None,
        redelivered=False,
        attempt=0,
        look=look,
    )
