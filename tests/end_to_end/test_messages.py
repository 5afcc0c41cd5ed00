"""What a platform publishes on the bus, good and bad: each gets an answer of its own."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import aio_pika
import anyio
import pytest
from aiormq.exceptions import ChannelAccessRefused, ProbableAuthenticationError

from events.bus.topology import COMMANDS, REPLIES, platform_queue
from events.commands import AbortMigration, CreateMigration, ReportTaskSucceeded, RunStep
from events.envelope import Envelope
from events.vocabulary import AppRef, Message, Step
from tests.end_to_end.world import DESTINATION, SOURCE, World

pytestmark = pytest.mark.anyio


class Platform:
    """A publisher that knows nothing of storky but its documented messages."""

    def __init__(self, channel: aio_pika.abc.AbstractChannel, user: str) -> None:
        self._channel = channel
        self._user = user

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

    async def events(self, count: int) -> list[dict[str, Any]]:
        """Take so many events from the platform's queue."""
        queue = await self._channel.get_queue(platform_queue(self._user), ensure=False)
        events: list[dict[str, Any]] = []
        with anyio.fail_after(30):
            while len(events) < count:
                if message := await queue.get(fail=False):
                    await message.ack()
                    events.append(json.loads(message.body))
                else:
                    await anyio.sleep(0.05)
        return events

    async def command(self, command: Message, **changes: object) -> dict[str, Any]:
        envelope = Envelope.wrap(command, id=uuid4(), source="billing").model_copy(update=changes)
        return await self.send(type(command).__name__, envelope.to_bytes())


POLICY = (
    *("--may", "create,run", "--apps", "by-message,forged,no-such-app,sent-twice"),
    *("--regions", f"{SOURCE},{DESTINATION}"),
    *("--subscribe", "MigrationDone.#", "--subscribe", "StepStarted.finalize.*"),
)


@pytest.fixture(scope="module")
async def url(world: World) -> str:
    """The broker's address for the platform, which the operator has let in."""
    added = await world.storky("platform", "add", "billing", *POLICY)
    admin = urlsplit(world.system.endpoints.amqp[0])
    return admin._replace(netloc=f"billing:{added['password']}@{admin.hostname}:{admin.port}").geturl()


@pytest.fixture
async def platform(url: str) -> AsyncIterator[Platform]:
    async with await aio_pika.connect(url) as connection, connection.channel() as channel:
        yield Platform(channel, "billing")


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
    heard = await platform.events(2)
    assert [(event["type"], event["actor"]) for event in heard] == [
        ("storky.StepStarted", "billing"),
        ("storky.MigrationDone", "storky-routing"),
    ]
    await replayed(world, platform, heard)


async def replayed(world: World, platform: Platform, heard: list[dict[str, Any]]) -> None:
    """What a platform has heard is sent to it again when the operator says so, and to nobody else."""
    since = heard[0]["position"]
    done = await world.storky("replay", "--from", str(since), "--to-queue", "storky.platform.billing")
    assert (done["from"], done["sent"]) == (since, 2)
    assert await platform.events(2) == [{**event, "replayed": True} for event in heard]


async def test_a_platform_does_nothing_outside_its_policy(platform: Platform) -> None:
    foreign = await platform.command(create("portal"))
    assert (foreign["outcome"], foreign["code"]) == ("rejected", "not_permitted")
    assert "the app portal" in foreign["reason"]
    mine = create("no-such-app")
    await platform.command(mine)
    aborted = await platform.command(AbortMigration(migration_id=mine.migration_id))
    assert (aborted["code"], "the permission abort" in aborted["reason"]) == ("not_permitted", True)


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
        await forge(platform, ReportTaskSucceeded(migration_id=command.migration_id, task_id=task))
        assert (await world.tasks("forged", str(command.migration_id)))["Check the destination"] == "running"
    finally:
        worker.cont()


async def forge(platform: Platform, report: ReportTaskSucceeded) -> None:
    body = Envelope.wrap(report, id=uuid4(), source="storky/apps")
    assert (await platform.send("RunStep", body.to_bytes()))["code"] == "wrong_key"
    disguised = body.model_copy(update={"id": uuid4(), "type": "storky.RunStep"})
    assert (await platform.send("RunStep", disguised.to_bytes()))["code"] == "invalid_command"
    with pytest.raises(ChannelAccessRefused):
        await platform.send("ReportTaskSucceeded", body.to_bytes())


async def test_the_same_command_again_gets_the_same_reply_and_another_under_its_id_none(
    platform: Platform,
) -> None:
    envelope = Envelope.wrap(create("sent-twice"), id=uuid4(), source="billing")
    first = await platform.send("CreateMigration", envelope.to_bytes())
    assert await platform.send("CreateMigration", envelope.to_bytes()) == first
    other = Envelope.wrap(create("by-message"), id=envelope.id, source="billing")
    assert (await platform.send("CreateMigration", other.to_bytes()))["code"] == "id_reused"


async def test_the_operator_lists_platforms_and_removes_them(world: World, url: str) -> None:
    (listed,) = (await world.storky("platform", "list"))["platforms"]
    assert (listed["queue"], listed["may"]) == ("storky.platform.billing", ["create", "run"])
    assert await world.storky("platform", "remove", "billing") == {"ok": True, "removed": "billing"}
    with pytest.raises(ProbableAuthenticationError):
        await aio_pika.connect(url)
