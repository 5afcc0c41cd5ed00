"""A worker takes a thousand messages, most of them no tasks: each is reported or parked, and it goes on."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from random import Random
from uuid import UUID

import anyio
import pytest
from pydantic import ValidationError

from events.bus.topology import EVENTS, event_key
from events.catalogue import UnknownMessageError, decode_fact
from events.envelope import Envelope, MalformedError
from events.facts import TaskRequested
from events.vocabulary import Service, Step
from services.addons.tasks import TASKS
from tests.fuzzing import mutations, properties
from tests.fuzzing.mail import Mail, publish
from tests.fuzzing.promise import check_reason
from tests.workers.conftest import Broker, Hire
from tests.workers.desk import Desk, task
from tests.workers.test_runtime import unreachable

pytestmark = pytest.mark.anyio

COUNT = 1_000
KEY = event_key("TaskRequested", Step.DATA, Service.ADDONS)


def bodies(random: Random) -> Iterator[bytes]:
    """Yield tasks that are right and tasks that are not, and then some of them again."""
    found = []
    for _ in range(COUNT * 4 // 5):
        envelope = mutations.fresh(random, "TaskRequested")
        envelope["data"]["task_id"] = mutations.identity(random)
        right = json.dumps(envelope).encode()
        found.append(mutations.mutated(random, envelope) if random.randrange(5) else right)
    yield from found
    yield from random.choices(found, k=COUNT - len(found))


async def test_of_a_thousand_messages_each_is_reported_or_parked_with_its_reason(
    broker: Broker, desk: Desk, hire: Hire, tmp_path: Path
) -> None:
    worker = hire(Service.ADDONS, unreachable(), STORKY_TASK_ATTEMPTS="1")
    await worker.start()
    pid = worker.pid
    random = Random("a thousand")
    sent = [Mail(KEY, body, properties.odd(random)) for body in bodies(random)]
    await publish(broker.admin_url, random.sample(sent, COUNT), EVENTS)

    tasks = {Envelope.parse(one.body).id for one in sent if is_task(one.body)}
    parked = await parked_after_all(desk, sent, tasks)
    for _, reason in parked:
        check_reason(reason)
    left = Counter(one.body for one in sent)
    left.subtract(body for body, _ in parked)
    assert min(left.values()) == 0
    assert {body for body, times in left.items() if times} == {one.body for one in sent if is_task(one.body)}
    assert reported(desk, tasks) == Counter(Envelope.parse(body).id for body in left.elements())

    at_last = task(Service.ADDONS, "back-up-database")
    await desk.request(at_last)
    await desk.failure(at_last)
    assert worker.pid == pid
    check_log(tmp_path)


async def parked_after_all(
    desk: Desk, sent: Sequence[Mail], tasks: Collection[UUID]
) -> list[tuple[bytes, str]]:
    """Take what is parked until as many messages were parked or reported as were sent."""
    ours = {one.body for one in sent}
    parked: list[tuple[bytes, str]] = []
    with anyio.fail_after(60):
        while len(parked) + reported(desk, tasks).total() < COUNT:
            parked += [(body, reason) for body, reason in await desk.parked() if body in ours]
            await anyio.sleep(0.2)
    return parked


def reported(desk: Desk, tasks: Collection[UUID]) -> Counter[UUID | None]:
    """Return how often which of these tasks was reported, by the ids of their messages."""
    return Counter(report.causationid for report in desk.envelopes if report.causationid in tasks)


def is_task(body: bytes) -> bool:
    try:
        envelope = Envelope.parse(body)
        fact = decode_fact(envelope.name, envelope.schemaversion, envelope.data)
    except (MalformedError, UnknownMessageError, ValidationError):
        return False
    return isinstance(fact, TaskRequested) and fact.name in TASKS


def check_log(directory: Path) -> None:
    (log,) = (directory / "log").iterdir()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {line["action"] for line in lines} == {
        "ready",
        "bus.connected",
        "bus.park",
        "task_parked",
        "task_report",
    }
    assert mutations.MARK not in log.read_text()
