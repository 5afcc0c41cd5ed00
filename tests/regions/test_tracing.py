"""What a worker asks of a region belongs to the trace of the command that led to it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import anyio
import pytest
from anyio.abc import SocketStream

from events.bus import Delivery, Done, Outgoing
from events.bus.topology import task_queue
from events.envelope import Envelope
from events.vocabulary import Service
from local.ports import free_port
from regions.directory import Directory
from regions.http import HttpRegion
from services.common.worker.digests import Digests
from services.common.worker.runtime import Worker
from services.common.worker.task import Outcome, Succeeded, Task
from tests.workers.desk import DESTINATION, SOURCE, task

pytestmark = pytest.mark.anyio

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Recorder:
    """Answers every call with a success that says nothing, and keeps the calls' headers."""

    def __init__(self) -> None:
        self.port = free_port()
        self.calls: list[list[str]] = []

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=self.port)
        async with listener, anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, self._answer)
            yield
            tasks.cancel_scope.cancel()

    async def _answer(self, client: SocketStream) -> None:
        async with client:
            self.calls.append((await client.receive()).decode().lower().splitlines())
            await client.send(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")


async def unfreeze(task: Task) -> Outcome:
    await task.source.unfreeze(task.source_app, task.grant("unfreeze"))
    return Succeeded()


@pytest.mark.parametrize(("given", "passed_on"), [(TRACE, True), ("00-not-one", False), (None, False)])
async def test_a_task_s_calls_and_its_report_carry_the_trace_context(
    given: str | None, passed_on: bool
) -> None:
    recorder, published = Recorder(), list[Outgoing]()
    region = HttpRegion(SOURCE, f"http://127.0.0.1:{recorder.port}", "credential")

    async def publish(outgoing: Outgoing) -> None:
        published.append(outgoing)

    async def announce(exchange: str, key: str, body: bytes) -> None:
        raise AssertionError

    worker = Worker(
        Service.APPS,
        {"unfreeze-source": unfreeze},
        Directory({SOURCE: region, DESTINATION: region}),
        publish,
        announce,
        Digests("key"),
        attempts=1,
    )
    async with recorder.listening():
        assert await worker.handle(delivery(given)) == Done()
        await region.aclose()
    (call,) = recorder.calls
    assert (f"traceparent: {TRACE}" in call) is passed_on
    assert any(line.startswith("traceparent") for line in call) is passed_on
    assert json.loads(published[0].body).get("traceparent") == given


def delivery(traceparent: str | None) -> Delivery:
    request = task(Service.APPS, "unfreeze-source")
    body = Envelope.wrap(request, id=uuid4(), source="storky/migrations", traceparent=traceparent)
    return Delivery(
        queue=task_queue(Service.APPS),
        routing_key="TaskRequested.abort.apps",
        body=body.to_bytes(),
        message_id=str(body.id),
        user_id="storky-relay",
        actor="storky-relay",
        headers={},
        reply_to=None,
        correlation_id=None,
        redelivered=False,
        attempt=0,
        look=0,
    )
