"""What a worker does with a task, whatever the task is: seen from the bus."""

import anyio
import pytest

from events.envelope import Envelope
from events.failures import messages
from events.vocabulary import Service
from local.ports import free_port
from services.common.worker.reports import report_id
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
            "the routing worker has no task 'paint-domains'; update it",
        ),
    ],
)
async def test_what_is_no_task_of_ours_is_parked_with_the_reason(
    desk: Desk, hire: Hire, body: bytes, reason: str
) -> None:
    await hire(Service.ROUTING, unreachable()).start()

    await desk.publish(body, Service.ROUTING)

    with anyio.fail_after(30):
        while not (parked := await desk.parked()):
            await anyio.sleep(0.05)
    assert parked[0][0] == body
    assert reason in parked[0][1]
