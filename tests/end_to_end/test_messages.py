"""What a platform publishes on the bus, good and bad: each gets an answer of its own."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import aio_pika
import anyio
import pytest

from events.bus.topology import COMMANDS, REPLIES
from events.commands import CreateMigration, ReportTaskSucceeded, RunStep
from events.envelope import Envelope
from events.vocabulary import AppRef, Message, Step
from tests.end_to_end.world import DESTINATION, SOURCE, World

pytestmark = pytest.mark.anyio


class Platform:
    """A publisher that knows nothing of storky but its documented messages."""

    def __init__(self, channel: aio_pika.abc.AbstractChannel, user: str) -> None:
        self._channel = channel
        self._user: str | None = user

    async def send(
        self, name: str, body: bytes, *, signed: bool = True, message_id: str | None = None
    ) -> dict[str, Any]:
        """Publish a command and return its reply."""
        exchange = await self._channel.get_exchange(COMMANDS, ensure=False)
        replies = await self._channel.get_queue(REPLIES, ensure=False)
        async with replies.iterator(no_ack=True) as answers:
            message = aio_pika.Message(
                body,
                message_id=message_id,
                reply_to=REPLIES,
                correlation_id=str(uuid4()),
                user_id=self._user if signed else None,
            )
            await exchange.publish(message, name)
            with anyio.fail_after(30):
                async for answer in answers:
                    reply: dict[str, Any] = json.loads(answer.body)
                    return reply
        raise AssertionError("no reply")

    async def command(self, command: Message, **changes: object) -> dict[str, Any]:
        envelope = Envelope.wrap(command, id=uuid4(), source="billing").model_copy(update=changes)
        return await self.send(type(command).__name__, envelope.to_bytes())


@pytest.fixture
async def platform(world: World) -> AsyncIterator[Platform]:
    url = world.system.endpoints.amqp[0]
    async with await aio_pika.connect(url) as connection, connection.channel() as channel:
        yield Platform(channel, user=urlsplit(url).username or "")


def create(app: str) -> CreateMigration:
    return CreateMigration(
        migration_id=uuid4(),
        source=AppRef(region=SOURCE, app=app),
        destination=AppRef(region=DESTINATION, app=app),
    )


async def test_a_platform_migrates_an_app_with_messages_alone(world: World, platform: Platform) -> None:
    await world.client.post(f"/{SOURCE}/v1/apps", json={"app": {"name": "by-message"}})
    command = create("by-message")
    reply = await platform.command(command)
    assert reply["outcome"] == "accepted"
    assert (reply["stream"], reply["version"]) == (f"migration/{command.migration_id}", 1)
    steps = {Step.PREFLIGHT: "preflight-success", Step.PREPARE: "prepared", Step.FINALIZE: "done"}
    for step, status in steps.items():
        reply = await platform.command(RunStep(migration_id=command.migration_id, step=step))
        assert reply["outcome"] == "accepted"
        await world.reached("by-message", str(command.migration_id), status)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "storky.DropEverything"}, "wrong_key"),
        ({"schemaversion": 99}, "unknown_message"),
        ({"data": {"migration_id": 7}}, "invalid_command"),
        ({"onbehalfof": "somebody"}, "not_gateway"),
    ],
)
async def test_a_command_that_is_not_understood_is_refused(
    platform: Platform, changes: dict[str, object], code: str
) -> None:
    reply = await platform.command(create("no-such-app"), **changes)
    assert (reply["outcome"], reply["code"]) == ("rejected", code)


async def test_an_unknown_command_is_refused(platform: Platform) -> None:
    envelope = Envelope.wrap(create("no-such-app"), id=uuid4(), source="billing")
    unknown = envelope.model_copy(update={"type": "storky.DropEverything"})
    reply = await platform.send("DropEverything", unknown.to_bytes())
    assert (reply["outcome"], reply["code"]) == ("rejected", "unknown_message")


async def test_what_cannot_be_read_is_parked_and_the_consumer_goes_on(platform: Platform) -> None:
    for body in (b"{", b"[]", b"\xff\xfe", b"x" * 300_000, b'{"specversion":"1.0"}'):
        reply = await platform.send("CreateMigration", body)
        assert (reply["outcome"], reply["code"]) == ("rejected", "malformed")
    fine = await platform.command(RunStep(migration_id=uuid4(), step=Step.DATA))
    assert fine["code"] == "unknown_migration"


async def test_an_operator_lists_what_is_parked_and_sends_it_again(world: World, platform: Platform) -> None:
    await platform.send("RunStep", b"not even JSON", message_id="unreadable-1")
    parked = await world.storky("parked", "list")
    (mine,) = [message for message in parked["parked"] if message["id"] == "unreadable-1"]
    assert mine["queue"] == "storky.migrations"
    assert mine["reason"].startswith("malformed")
    assert await world.storky("parked", "resend", "unreadable-1") == {"ok": True, "sent": 1}
    again = await world.storky("parked", "list")
    assert "unreadable-1" in {message["id"] for message in again["parked"]}  # still unreadable: parked again


async def test_a_command_without_a_user_id_is_refused(platform: Platform) -> None:
    envelope = Envelope.wrap(create("no-such-app"), id=uuid4(), source="billing")
    reply = await platform.send("CreateMigration", envelope.to_bytes(), signed=False)
    assert (reply["outcome"], reply["code"]) == ("rejected", "no_publisher")


async def test_a_platform_cannot_report_a_task_that_is_a_worker_s(world: World, platform: Platform) -> None:
    await world.client.post(f"/{SOURCE}/v1/apps", json={"app": {"name": "forged"}})
    command = create("forged")
    await platform.command(command)
    worker = world.system.process("apps")
    worker.stop()
    try:
        await platform.command(RunStep(migration_id=command.migration_id, step=Step.PREFLIGHT))
        await world.started("forged", str(command.migration_id), "Check the destination")
        steps = (await world.migration("forged", str(command.migration_id)))["steps"]
        task = next(step["id"] for step in steps if step["name"] == "Check the destination")
        forged = await platform.command(ReportTaskSucceeded(migration_id=command.migration_id, task_id=task))
        assert (forged["outcome"], forged["code"]) == ("rejected", "not_owner")
    finally:
        worker.cont()


async def test_the_same_command_again_gets_the_same_reply(platform: Platform) -> None:
    envelope = Envelope.wrap(create("sent-twice"), id=uuid4(), source="billing")
    first = await platform.send("CreateMigration", envelope.to_bytes())
    assert await platform.send("CreateMigration", envelope.to_bytes()) == first
