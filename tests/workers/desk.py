"""The other end of a worker's bus: tasks are requested here, and reports come in."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import anyio

from events.bus import Bus, Delivery, Done, Outgoing
from events.bus.topology import EVENTS, MIGRATIONS, PARKED, event_key
from events.catalogue import decode_command
from events.commands import Report, ReportTaskFailed, ReportTaskSucceeded
from events.envelope import Envelope
from events.facts import TaskRequested
from events.vocabulary import AppRef, Service, Step

SOURCE, DESTINATION = "agora-fr1", "osc-fr1"
PATIENCE = 30  # seconds


def task(service: Service, name: str, **more: Any) -> TaskRequested:
    """Return a task of a migration of its own, unless `more` says otherwise."""
    return TaskRequested(
        **{
            "migration_id": uuid4(),
            "step": Step.PREPARE,
            "epoch": 1,
            "task_id": uuid4(),
            "name": name,
            "service": service,
            "label": name,
            "source": AppRef(region=SOURCE, app="my-app"),
            "destination": AppRef(region=DESTINATION, app="my-app"),
            **more,
        }
    )


class Desk:
    """Requests tasks as the relay does, and reads reports as the migrations service does."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.envelopes: list[Envelope] = []

    async def request(self, task: TaskRequested, times: int = 1) -> Envelope:
        """Publish the task, as often as asked: the bus delivers at least once."""
        envelope = Envelope.wrap(
            task, id=uuid4(), source="storky/migrations", time=datetime.now(UTC), traceparent="00-1-2-01"
        )
        for _ in range(times):
            await self.publish(envelope.to_bytes(), task.service)
        return envelope

    async def publish(self, body: bytes, service: Service) -> None:
        """Publish any body to where the worker listens."""
        key = event_key("TaskRequested", Step.PREPARE, service)
        await self.bus.publish(Outgoing(EVENTS, key, body, uuid4()))

    async def report(self, task: TaskRequested) -> Report:
        """Return the first report of a task."""
        await until(lambda: bool(self.reports(task.task_id)))
        return self.reports(task.task_id)[0]

    async def success(self, task: TaskRequested) -> ReportTaskSucceeded:
        report = await self.report(task)
        assert isinstance(report, ReportTaskSucceeded), report
        return report

    async def failure(self, task: TaskRequested) -> ReportTaskFailed:
        report = await self.report(task)
        assert isinstance(report, ReportTaskFailed), report
        return report

    def reports(self, task_id: UUID) -> list[Report]:
        """Return all reports of a task that have come in."""
        commands = [decode_command(e.name, e.schemaversion, e.data) for e in self.envelopes]
        return [c for c in commands if isinstance(c, Report) and c.task_id == task_id]

    async def collect(self) -> None:
        """Take in reports until cancelled."""

        async def keep(delivery: Delivery) -> Done:
            self.envelopes.append(Envelope.parse(delivery.body))
            return Done()

        await self.bus.consume(MIGRATIONS, keep, prefetch=10, concurrency=1)

    async def parked(self) -> list[tuple[bytes, str]]:
        """Take the parked messages away: bodies with reasons."""
        found = []
        async with self.bus.link.channel(anyio.current_time() + 10) as channel:
            queue = await channel.get_queue(PARKED, ensure=False)
            while message := await queue.get(fail=False):
                found.append((message.body, str(message.headers["storky-parked-reason"])))
                await message.ack()
        return found


async def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    with anyio.fail_after(seconds):
        while not condition():
            await anyio.sleep(0.05)
