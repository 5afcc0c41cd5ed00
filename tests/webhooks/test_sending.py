"""What a receiver gets: signed, in order, again until it was taken, and for how long."""

import time
from itertools import pairwise
from uuid import uuid4

import anyio
import pytest

from events import facts
from events.bus import Outgoing
from events.store import Log
from services.relay.publisher import Relay
from tests.bus.helpers import until
from tests.webhooks.receiver import Receiver, raw, receiving, status
from tests.webhooks.system import System, verify

pytestmark = pytest.mark.anyio


class Exchange:
    """In the bus's place: keeps what the relay publishes."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def publish(self, message: Outgoing) -> None:
        self.bodies.append(message.body)


async def test_an_event_comes_signed_just_now_and_as_the_bus_carries_it(
    system: System, receiver: Receiver
) -> None:
    secret = await system.add(receiver, "MigrationCreated.#")
    with system.sending():
        event_id, *_ = await system.happen()
        await until(lambda: bool(receiver.requests))
    (request,) = receiver.requests
    assert request.line == "POST /events?token=in-the-url HTTP/1.1"
    event = verify(secret, request.headers, request.body)
    assert (event["id"], request.id, event["type"]) == (event_id, event_id, "storky.MigrationCreated")
    assert request.headers["content-type"] == "application/cloudevents+json"
    assert abs(time.time() - int(request.headers["webhook-timestamp"])) < 5
    exchange = Exchange()
    recorded = await Log(system.pool).read_all(0, 1)
    await Relay(exchange).handle(None, recorded)  # type: ignore[arg-type]
    assert exchange.bodies == [request.body]


async def test_who_has_not_the_secret_signs_in_vain(system: System, receiver: Receiver) -> None:
    secret = await system.add(receiver, "MigrationCreated.#")
    with system.sending():
        await system.happen()
        await until(lambda: bool(receiver.requests))
    (request,) = receiver.requests
    other = await system.add(receiver, new_secret=True)
    forged = {**request.headers, "webhook-id": str(uuid4())}
    late = {**request.headers, "webhook-timestamp": str(int(time.time()) - 301)}
    for wrong in ((other, request.headers, request.body), (secret, forged, request.body)):
        with pytest.raises(ValueError, match="not from storky"):
            verify(*wrong)
    with pytest.raises(ValueError, match="not from storky"):
        verify(secret, request.headers, request.body + b" ")
    with pytest.raises(ValueError, match="old"):
        verify(secret, late, request.body)


async def test_only_what_is_subscribed_to_and_came_later_is_told_in_order_and_one_after_the_other(
    system: System, receiver: Receiver
) -> None:
    await system.happen()
    await system.add(receiver, "AppClaimed.#", "AppReleased.#")
    with system.sending():
        expected = [
            event_id
            for _ in range(5)
            for happened in (await system.happen(), await system.abort())
            for event_id in happened[1:]
        ]
        await until(lambda: len(receiver.requests) == len(expected))
    assert receiver.ids == expected
    assert (receiver.most_at_once, receiver.connections) == (1, 1)


async def test_what_is_not_taken_is_sent_again_later_and_later_under_the_same_id_until_it_is(
    system: System, receiver: Receiver
) -> None:
    secret = await system.add(receiver, "MigrationCreated.#")
    receiver.answers += [status(500), raw(b""), status(302, "location: /events"), status(404)]
    with system.sending(webhook_first_retry_seconds=0.1, webhook_longest_retry_seconds=60):
        event_id, *_ = await system.happen()
        assert (await system.until(lambda webhook: bool(webhook.problem))).waiting == 1
        state = await system.until(lambda webhook: bool(webhook.delivered_at))
    assert receiver.ids == [event_id] * 5
    assert all(verify(secret, request.headers, request.body) for request in receiver.requests)
    times = [request.at for request in receiver.requests]
    pauses = [after - before for before, after in pairwise(times)]
    assert all(pause > least for pause, least in zip(pauses, (0.05, 0.1, 0.2, 0.4), strict=True))
    assert (state.waiting, state.parked, state.problem) == (0, 0, None)


async def test_one_that_is_refused_does_not_hold_up_what_comes_after_it(
    system: System, receiver: Receiver
) -> None:
    await system.add(receiver)
    receiver.answers.append(status(422))
    with system.sending(webhook_first_retry_seconds=60, webhook_longest_retry_seconds=60):
        expected = await system.happen()
        await system.until(lambda webhook: webhook.waiting == 1 and bool(webhook.delivered_at))
    assert receiver.ids == expected
    assert (await system.state()).problem == "answered 422"


async def test_who_does_not_answer_or_can_take_no_more_is_left_alone_for_a_while(
    system: System, receiver: Receiver
) -> None:
    await system.add(receiver)
    receiver.answers += [raw(b""), *map(status, (429, 502, 503, 504))]
    with system.sending(webhook_first_retry_seconds=0.15, webhook_longest_retry_seconds=60):
        await system.happen()
        await system.until(lambda webhook: bool(webhook.delivered_at))
    times = [request.at for request in receiver.requests]
    assert all(after - before > 0.15 for before, after in pairwise(times[:6]))


async def test_an_endpoint_that_is_mended_and_added_again_gets_all_that_waits_at_once_and_in_order(
    system: System, receiver: Receiver
) -> None:
    await system.add(receiver)
    receiver.answers.append(status(503))
    with system.sending(webhook_first_retry_seconds=60, webhook_longest_retry_seconds=60):
        expected = await system.happen()
        await system.until(lambda webhook: webhook.problem == "answered 503")
        assert len(receiver.requests) == 1
        await system.add(receiver)
        await system.until(lambda webhook: webhook.waiting == 0)
    assert receiver.ids[1:] == expected


async def test_after_a_day_in_vain_it_is_parked_and_can_be_sent_again(
    system: System, receiver: Receiver
) -> None:
    await system.add(receiver, "MigrationCreated.#")
    receiver.otherwise = status(500)
    with system.sending(webhook_period_seconds=0.5):
        ids = [(await system.happen())[0] for _ in range(2)]
        await system.until(lambda webhook: webhook.parked == 2)
        tried = len(receiver.requests)
        first, second = await system.webhooks.parked("billing", 10, 0)
        assert [str(first.id), str(second.id)] == ids
        assert (first.type, first.problem) == ("MigrationCreated", "answered 500")
        assert first.attempts + second.attempts == tried > 4
        await anyio.sleep(0.3)
        assert len(receiver.requests) == tried
        receiver.otherwise = status(204)
        assert await system.webhooks.resend("billing", second.id) == 1
        await until(lambda: len(receiver.requests) == tried + 1)
        assert await system.webhooks.resend("billing", None) == 1
        await until(lambda: len(receiver.requests) == tried + 2)
        assert receiver.ids[-2:] == [ids[1], ids[0]]
        await system.until(lambda webhook: (webhook.parked, webhook.waiting) == (0, 0))


async def test_the_day_begins_with_the_first_attempt_and_ends_with_one(
    system: System, receiver: Receiver
) -> None:
    await system.add(receiver, "MigrationCreated.#")
    receiver.answers.append(status(500))
    await system.happen()
    await system.pool.execute("INSERT INTO checkpoints VALUES ('webhooks', 0, now())")
    system.settings |= {"webhook_first_retry_seconds": 60, "webhook_longest_retry_seconds": 60}
    with system.sending(webhook_period_seconds=0.3):
        await system.until(lambda webhook: bool(webhook.delivered_at))
    first, last = receiver.requests
    assert 0.3 <= last.at - first.at < 30


async def test_who_is_gone_is_sent_nothing_until_it_is_added_again(
    system: System, receiver: Receiver
) -> None:
    secret = await system.add(receiver, "MigrationCreated.#")
    receiver.answers.append(status(410))
    with receiving() as other:
        await system.add(other, "MigrationCreated.#", name="portal")
        with system.sending():
            ids = [(await system.happen())[0]]
            assert (await system.until(lambda webhook: bool(webhook.paused_at))).waiting == 1
            ids += [(await system.happen())[0] for _ in range(2)]
            await until(lambda: other.ids == ids)
            assert len(receiver.requests) == 1
            assert await system.add(receiver, "MigrationCreated.#") == ""
            await system.until(lambda webhook: webhook.waiting == 0)
    assert receiver.ids == [ids[0], *ids]
    assert verify(secret, receiver.requests[-1].headers, receiver.requests[-1].body)
    assert (await system.state()).paused_at is None


async def test_a_test_goes_first_and_once_and_is_no_delivery_that_anybody_misses(
    system: System, receiver: Receiver
) -> None:
    await system.add(receiver)
    receiver.otherwise = status(503)
    with system.sending(webhook_first_retry_seconds=60, webhook_longest_retry_seconds=60):
        await system.happen()
        await system.until(lambda webhook: webhook.problem == "answered 503")
        test_id = await system.webhooks.begin_test("billing")
        await until(lambda: str(test_id) in receiver.ids)
        with anyio.fail_after(10):
            while not (trial := await system.webhooks.tested("billing", test_id)):
                await anyio.sleep(0.02)
        assert trial.problem == "answered 503"
        await system.add(receiver)  # which has everything tried again at once
        await until(lambda: len(receiver.requests) == 3)
        assert (await system.state()).waiting == 3
    assert receiver.ids.count(str(test_id)) == 1


async def test_a_command_that_was_refused_is_told_too(system: System, receiver: Receiver) -> None:
    await system.add(receiver, "CommandRejected.#")
    rejected = facts.CommandRejected(
        publisher="billing", command_id=uuid4(), command_type="RunStep", code="wrong_state", reason="No."
    )
    with system.sending():
        (event_id,) = await system.happen(rejected)
        await until(lambda: receiver.ids == [event_id])
