"""Nothing is lost, whatever breaks; what comes twice has the same id."""

import json
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit
from uuid import uuid4

import anyio
import pytest
import structlog
from anyio.abc import ByteStream

from events.store import Log
from events.store.archive import writer
from events.store.database import session
from events.store.subscriptions import advance
from services.common.sealing import Seal
from services.common.webhooks import Targets
from services.webhooks.deliveries import Deliveries, Delivery, Failure
from services.webhooks.posting import Poster, connections
from services.webhooks.recording import Recorder
from services.webhooks.sending import Patience, Sender
from tests.audit.samples import aborted, claimed
from tests.bus.helpers import until
from tests.gateway.stack import Process
from tests.store.samples import WAITING
from tests.store.samples import until as until_in_database
from tests.tcp_proxy import tcp_proxy
from tests.webhooks.conftest import SETTINGS
from tests.webhooks.receiver import TAKEN, Receiver, hang, receiving, status
from tests.webhooks.system import KEY, System

pytestmark = pytest.mark.anyio

SECOND = timedelta(seconds=1)
GONE = Failure("answered 410", again_in=SECOND, rest=0 * SECOND, gone=True)


def service(system: System, directory: Path) -> Process:
    """Return the service as a process of its own."""
    given = {f"STORKY_{name.upper()}": value for name, value in SETTINGS.items()}
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
    return Process(
        "webhooks", {**texts, "STORKY_DATABASE_URL": system.url, "STORKY_WEBHOOK_KEY": KEY}, directory
    )


async def test_a_service_killed_between_the_request_and_its_record_sends_it_again_under_its_id(
    system: System, receiver: Receiver, tmp_path: Path
) -> None:
    await system.add(receiver, "MigrationCreated.#")
    receiver.answers.append(hang)
    event_id, *_ = await system.happen()
    process = service(system, tmp_path)
    await anyio.to_thread.run_sync(process.start)
    await until(lambda: bool(receiver.requests))
    process.stop(signal.SIGKILL)
    with system.sending():
        assert await system.pool.fetchval("SELECT busy_until > now() FROM webhooks.endpoints")
        await system.pool.execute("UPDATE webhooks.endpoints SET busy_until = now()")  # the lease is over
        await system.until(lambda webhook: bool(webhook.delivered_at))
    assert receiver.ids == [event_id] * 2


async def test_two_services_send_each_event_once_and_one_at_a_time(system: System) -> None:
    with receiving() as one, receiving() as other:
        receivers = {"billing": one, "portal": other}
        for name, receiver in receivers.items():
            await system.add(receiver, name=name)
        with system.sending(), system.sending():
            ids = [event_id for _ in range(10) for event_id in await system.happen()]
            await until(lambda: all(len(each.requests) >= len(ids) for each in receivers.values()))
            for name in receivers:
                await system.until(lambda webhook: webhook.waiting == 0, name)
    for receiver in receivers.values():
        assert receiver.ids == ids
        assert receiver.most_at_once == 1


async def test_connections_to_the_database_may_be_cut_at_any_time(
    system: System, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.webhooks.sending._MARGIN", 0.5)
    await system.add(receiver)
    ids = []
    server = urlsplit(system.url)
    async with tcp_proxy(str(server.hostname), int(server.port or 0)) as proxy:
        behind = system.url.replace(f":{server.port}/", f":{proxy.port}/")
        with system.sending(behind, webhook_timeout_seconds=0.5):
            for _ in range(8):
                ids += await system.happen()
                await anyio.sleep(0.05)
                proxy.cut()
            await until(lambda: set(ids) <= set(receiver.ids))
            await system.until(lambda webhook: webhook.waiting == 0)
    assert set(receiver.ids) == set(ids)


async def recorded(system: System) -> None:
    """Have three events happen, and recorded as deliveries by nobody who would send them."""
    await system.pool.execute("INSERT INTO checkpoints VALUES ('webhooks', 0, now()) ON CONFLICT DO NOTHING")
    await system.happen()
    async with session(system.pool) as connection:
        await advance(connection, Recorder(), 1000)


async def delivered_late(deliveries: Deliveries, late: Delivery) -> None:
    await deliveries.end_delivered(late)


async def failed_late(deliveries: Deliveries, late: Delivery) -> None:
    assert await deliveries.end_failed(late, GONE, SECOND) is False


@pytest.mark.parametrize("end", [delivered_late, failed_late])
async def test_a_sender_that_wakes_after_its_lease_takes_nothing_from_the_one_that_has_it_now(
    system: System, receiver: Receiver, end: Callable[[Deliveries, Delivery], Awaitable[None]]
) -> None:
    await system.add(receiver)
    await recorded(system)
    deliveries = Deliveries(system.pool)
    (late,) = await deliveries.claim(timedelta(0))
    (mine,) = await deliveries.claim(60 * SECOND)
    assert mine.id == late.id
    await end(deliveries, late)
    assert await deliveries.claim(SECOND) == []
    assert (await system.state()).paused_at is None
    await deliveries.end_failed(mine, GONE, SECOND)
    assert (await system.state()).paused_at


async def test_a_lease_that_was_granted_too_late_is_not_used(
    system: System, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await system.add(receiver)
    await recorded(system)
    granted = anyio.Event()

    class Slow(Deliveries):
        async def claim(self, lease: timedelta) -> list[Delivery]:
            claimed = await super().claim(lease)
            await anyio.sleep(0.2)
            granted.set()
            return claimed

    monkeypatch.setattr("services.webhooks.sending._MARGIN", 0.1)
    targets = Targets((ip_network("127.0.0.0/8"),), http=True)
    async with connections(targets) as http, anyio.create_task_group() as group:
        sender = Sender(
            Slow(system.pool), Poster(http, targets, Seal(KEY), 1), Patience(60, first=1, longest=1, period=1)
        )
        group.start_soon(sender.run)
        await granted.wait()
        await anyio.sleep(0.2)
        group.cancel_scope.cancel()
    assert receiver.requests == []


async def test_an_answer_from_an_address_that_was_changed_meanwhile_pauses_nothing(
    system: System, receiver: Receiver
) -> None:
    await system.add(receiver)
    await recorded(system)
    deliveries = Deliveries(system.pool)
    (under_way,) = await deliveries.claim(SECOND)
    await system.add("http://127.0.0.1/elsewhere")
    await deliveries.end_failed(under_way, GONE, SECOND)
    assert (await system.state()).paused_at is None


async def test_a_webhook_can_be_removed_while_it_is_sent_to(system: System, receiver: Receiver) -> None:
    released = Event()

    async def answer_late(stream: ByteStream) -> None:
        await anyio.to_thread.run_sync(released.wait)
        await TAKEN(stream)

    await system.add(receiver)
    receiver.answers.append(answer_late)
    with receiving() as other:
        await system.add(other, name="portal")
        with system.sending():
            await system.happen()
            await until(lambda: bool(receiver.requests))
            assert await system.webhooks.remove("billing")
            released.set()
            await system.until(lambda webhook: webhook.waiting == 0, "portal")
            await system.add(receiver)
            event_id, *_ = await system.happen()
            await until(lambda: event_id in receiver.ids)
    assert receiver.ids[1] == event_id  # nothing of what had waited before it was removed


async def test_a_test_of_a_webhook_that_is_removed_meanwhile_is_not_called_delivered(
    system: System, receiver: Receiver
) -> None:
    await system.add(receiver)
    test_id = await system.webhooks.begin_test("billing")
    assert await system.webhooks.tested("billing", test_id) is None
    await system.webhooks.remove("billing")
    trial = await system.webhooks.tested("billing", test_id)
    assert trial
    assert trial.problem == "it was removed meanwhile"


async def test_who_removes_a_webhook_waits_for_its_deliveries_to_be_recorded(
    system: System, receiver: Receiver
) -> None:
    await system.add(receiver)
    await system.happen()
    events = await Log(system.pool).read_all(0, 10)
    async with (
        anyio.create_task_group() as group,
        session(system.pool) as connection,
        connection.transaction(),
    ):
        await Recorder().handle(connection, [])
        group.start_soon(system.webhooks.remove, "billing")
        await until_in_database(system.pool, WAITING)
        await Recorder().handle(connection, events)
    assert await system.pool.fetchval("SELECT count(*) FROM webhooks.deliveries") == 0
    assert await system.webhooks.named("billing") is None


async def test_a_twin_that_records_the_same_events_gives_way(system: System, receiver: Receiver) -> None:
    await system.add(receiver)
    await system.happen()
    events = await Log(system.pool).read_all(0, 10)
    async with session(system.pool) as one, session(system.pool) as other:
        for connection in (one, other):
            await Recorder().handle(connection, events)
    assert (await system.state()).waiting == 3


async def test_what_was_archived_before_the_service_ever_ran_is_told_all_the_same(
    system: System, receiver: Receiver, tmp_path: Path
) -> None:
    await system.happen()
    await system.add(receiver)
    migration = uuid4()
    ids = await system.happen(*claimed("shop", migration))
    ids += await system.happen(*aborted("shop", migration))
    await system.pool.execute("INSERT INTO checkpoints VALUES ('relay', 9, now())")
    assert await writer.archive(system.url, datetime.now(UTC) + timedelta(days=1), tmp_path)
    assert await system.pool.fetchval("SELECT count(*) FROM events") < 9
    with system.sending(archive=tmp_path):
        await until(lambda: receiver.ids == ids)


async def test_neither_the_database_nor_a_log_line_has_the_secret_or_the_url(
    system: System, receiver: Receiver
) -> None:
    secret = await system.add(receiver)
    receiver.answers += [status(500), hang]
    with structlog.testing.capture_logs() as lines, system.sending(webhook_timeout_seconds=0.5):
        await system.happen()
        await system.until(lambda webhook: bool(webhook.delivered_at))
    assert {line["action"] for line in lines} >= {"webhook_failed", "webhook_delivered"}
    rows = [
        *await system.pool.fetch("SELECT * FROM webhooks.endpoints"),
        *await system.pool.fetch("SELECT * FROM webhooks.deliveries"),
    ]
    kept = repr([*map(tuple, rows), *lines])
    assert "billing" in kept
    for hidden in (secret, secret.removeprefix("whsec_"), "in-the-url", "/events"):
        assert hidden not in kept
