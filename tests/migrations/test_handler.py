"""Commands against the real log: deduplication, claims, conflicts and rejections."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import anyio
import asyncpg
import pytest

from events.commands import (
    ApproveStep,
    Command,
    CreateMigration,
    RefuseCommand,
    RegisterPlatform,
    RemovePlatform,
    ReportTaskFailed,
    ReportTaskSucceeded,
    RunStep,
)
from events.envelope import Envelope
from events.facts import CommandRejected, TaskRequested
from events.failures import Reason
from events.store import Appender, CommandOutcome, Log
from events.vocabulary import OPERATOR, WORKERS, AppRef, Permission, Service, Step, migration_stream
from services.migrations.handler import CommandHandler
from services.migrations.intake import Received

REGIONS = frozenset({"agora-fr1", "osc-fr1"})
pytestmark = pytest.mark.anyio


@pytest.fixture
async def handler(pool: asyncpg.Pool) -> AsyncIterator[CommandHandler]:
    async with Appender(Log(pool)) as appender:
        yield CommandHandler(Log(pool), appender, REGIONS)


def received(command: Command, publisher: str = "storky-gateway", command_id: UUID | None = None) -> Received:
    envelope = Envelope.wrap(command, id=command_id or uuid4(), source="tests")
    return Received(envelope, publisher, envelope.name)


def create(app: str = "my-app", new_name: str | None = None) -> CreateMigration:
    return CreateMigration(
        migration_id=uuid4(),
        source=AppRef(region="agora-fr1", app=app),
        destination=AppRef(region="osc-fr1", app=new_name or app),
    )


async def test_the_same_command_again_gets_the_same_outcome_and_no_second_effect(
    handler: CommandHandler, pool: asyncpg.Pool
) -> None:
    message = received(create())
    first = await handler.handle(message)
    again = await handler.handle(message)
    assert first.accepted
    assert again == first
    assert await Log(pool).head() == first.position


async def test_an_id_that_another_publisher_has_used_is_as_good_as_new(handler: CommandHandler) -> None:
    message = received(create())
    other = RunStep(migration_id=uuid4(), step=Step.PREPARE)
    assert not (await handler.handle(received(other, "billing", message.command_id))).accepted
    assert not (await handler.handle(received(other, "billing", message.envelope.id))).accepted
    assert (await handler.handle(message)).accepted


async def test_another_command_under_a_used_id_is_refused_and_recorded(
    handler: CommandHandler, pool: asyncpg.Pool
) -> None:
    first = received(create())
    await handler.handle(first)
    other = received(create("other-app"), command_id=first.envelope.id)
    outcome = await handler.handle(other)
    assert (outcome.accepted, outcome.code) == (False, "id_reused")
    assert await handler.handle(other) == outcome
    assert (await handler.handle(first)).accepted
    (event,) = await Log(pool).read_stream("publisher/storky-gateway")
    assert event.position == outcome.position == await Log(pool).head()


async def test_a_command_sent_again_later_or_for_another_user(handler: CommandHandler) -> None:
    first = received(create())
    await handler.handle(first)
    later = first.envelope.model_copy(update={"time": datetime.now(UTC), "traceparent": "00-1"})
    assert (await handler.handle(Received(later, first.publisher, first.routing_key))).accepted
    for_other = first.envelope.model_copy(update={"onbehalfof": "us-other"})
    outcome = await handler.handle(Received(for_other, first.publisher, first.routing_key))
    assert outcome.code == "id_reused"


async def test_of_two_reports_of_one_task_the_first_counts(
    handler: CommandHandler, pool: asyncpg.Pool
) -> None:
    command = create()
    await handler.handle(received(command))
    await handler.handle(received(RunStep(migration_id=command.migration_id, step=Step.PREFLIGHT)))
    task = (await Log(pool).read_stream(migration_stream(command.migration_id)))[-1].decode()
    assert isinstance(task, TaskRequested)
    about = {"migration_id": command.migration_id, "task_id": task.task_id}
    first = received(ReportTaskSucceeded(**about, result={"seconds": 1}), f"storky-{task.service}")
    report = ReportTaskFailed(**about, reasons=(Reason(code="some_code"),))
    again = received(report, first.publisher, first.envelope.id)
    assert await handler.handle(first) == await handler.handle(again)


async def test_what_the_gateway_refused_is_recorded_with_the_user_and_the_app(
    handler: CommandHandler, pool: asyncpg.Pool
) -> None:
    app = AppRef(region="agora-fr1", app="my-app")
    refusal = RefuseCommand(
        command_type="RunStep", code="not_allowed", reason="Not yours.", migration_id=uuid4(), app=app
    )
    message = received(refusal)
    envelope = message.envelope.model_copy(update={"onbehalfof": "us-1"})
    outcome = await handler.handle(Received(envelope, message.publisher, message.routing_key))
    assert (outcome.accepted, outcome.code, outcome.reason) == (False, "not_allowed", "Not yours.")
    (event,) = await Log(pool).read_stream("publisher/storky-gateway")
    assert event.metadata.on_behalf_of == "us-1"
    assert event.decode() == CommandRejected(
        publisher="storky-gateway", command_id=envelope.id, **refusal.model_dump()
    )


async def test_nobody_but_the_gateway_tells_of_refusals(handler: CommandHandler, pool: asyncpg.Pool) -> None:
    refusal = RefuseCommand(command_type="RunStep", code="made_up", reason="Made up.")
    assert (await handler.handle(received(refusal, "billing"))).code == "not_gateway"
    (event,) = await Log(pool).read_stream("publisher/billing")
    assert '"command_type":"RefuseCommand"' in event.data


async def test_a_platform_is_held_to_the_policy_of_the_moment(
    handler: CommandHandler, pool: asyncpg.Pool
) -> None:
    async def code_of(command: Command, publisher: str = "billing") -> str | None:
        return (await handler.handle(received(command, publisher))).code

    policy = RegisterPlatform(
        name="billing", may=(Permission.CREATE,), apps=("my-*",), regions=tuple(REGIONS)
    )
    assert await code_of(create()) == "not_registered"
    assert await code_of(policy, OPERATOR) is None
    assert await code_of(create("other-app")) == "not_permitted"
    assert await code_of(create()) is None
    assert await code_of(create(), "portal") == "not_registered"
    assert await code_of(RemovePlatform(name="billing"), OPERATOR) is None
    assert await code_of(create("my-second-app")) == "not_registered"
    refusals = [event.decode() for event in await Log(pool).read_stream("publisher/billing")]
    assert [str(fact.app) for fact in refusals if isinstance(fact, CommandRejected)] == [
        "agora-fr1/my-app",
        "agora-fr1/other-app",
        "agora-fr1/my-second-app",
    ]


async def test_a_step_of_the_settings_waits_for_somebody_else(pool: asyncpg.Pool) -> None:
    command = create()
    about = {"migration_id": command.migration_id}

    async def send(one: Command, user: str) -> CommandOutcome:
        message = received(one)
        envelope = message.envelope.model_copy(update={"onbehalfof": user})
        return await four_eyes.handle(Received(envelope, message.publisher, message.routing_key))

    async def last() -> TaskRequested:
        fact = (await Log(pool).read_stream(migration_stream(command.migration_id)))[-1].decode()
        assert isinstance(fact, TaskRequested)
        return fact

    async with Appender(Log(pool)) as appender:
        four_eyes = CommandHandler(Log(pool), appender, REGIONS, frozenset({Step.PREFLIGHT}))
        await send(command, "us-ada")
        await send(RunStep(**about, step=Step.PREFLIGHT), "us-ada")
        assert (await last()).service is Service.PEOPLE
        assert (await send(ApproveStep(**about, step=Step.PREFLIGHT), "us-ada")).code == "own_request"
        assert (await send(ApproveStep(**about, step=Step.PREFLIGHT), "us-ben")).accepted
        assert (await last()).service in WORKERS


async def test_two_migrations_of_one_app_at_the_same_instant_leave_one(handler: CommandHandler) -> None:
    outcomes: list[CommandOutcome] = []

    async def send() -> None:
        outcomes.append(await handler.handle(received(create())))

    async with anyio.create_task_group() as group:
        for _ in range(10):
            group.start_soon(send)
    assert sorted(outcome.accepted for outcome in outcomes) == [False] * 9 + [True]
    assert {outcome.code for outcome in outcomes if not outcome.accepted} == {"app_in_migration"}


async def test_two_apps_cannot_take_one_name_in_the_destination(handler: CommandHandler) -> None:
    assert (await handler.handle(received(create("one-app", "new-name")))).accepted
    refused = await handler.handle(received(create("other-app", "new-name")))
    assert (refused.accepted, refused.code) == (False, "name_in_migration")


async def test_a_rejection_is_recorded_on_the_publisher_s_stream(
    handler: CommandHandler, pool: asyncpg.Pool
) -> None:
    command = RunStep(migration_id=uuid4(), step=Step.PREPARE)
    outcome = await handler.handle(received(command, "billing"))
    (event,) = await Log(pool).read_stream("publisher/billing")
    fact = event.decode()
    assert isinstance(fact, CommandRejected)
    assert (fact.code, fact.migration_id) == ("unknown_migration", command.migration_id)
    assert outcome.reason == fact.reason


@pytest.mark.parametrize(
    ("changes", "publisher", "code"),
    [
        ({"type": "storky.DropEverything"}, "billing", "unknown_message"),
        ({"schemaversion": 99}, "billing", "unknown_message"),
        ({"data": {"migration_id": "not-an-id"}}, "billing", "invalid_command"),
        ({"onbehalfof": "user-1"}, "billing", "not_gateway"),
        ({}, "anonymous", "no_publisher"),
    ],
)
async def test_what_this_release_does_not_accept_is_refused_and_recorded(
    handler: CommandHandler,
    pool: asyncpg.Pool,
    changes: dict[str, object],
    publisher: str,
    code: str,
) -> None:
    envelope = Envelope.wrap(create(), id=uuid4(), source="tests").model_copy(update=changes)
    outcome = await handler.handle(Received(envelope, publisher, envelope.name))
    assert (outcome.accepted, outcome.code) == (False, code)
    assert len(await Log(pool).read_stream(f"publisher/{publisher}")) == 1
    assert await Log(pool).head() == 1


async def test_a_command_under_another_routing_key_is_refused(handler: CommandHandler) -> None:
    envelope = Envelope.wrap(create(), id=uuid4(), source="tests")
    outcome = await handler.handle(Received(envelope, "storky-apps", "ReportTaskSucceeded"))
    assert (outcome.accepted, outcome.code) == (False, "wrong_key")


async def test_events_carry_who_caused_them_and_why(handler: CommandHandler, pool: asyncpg.Pool) -> None:
    command = create()
    envelope = Envelope.wrap(
        command,
        id=uuid4(),
        source="tests",
        onbehalfof="user-1",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )
    await handler.handle(Received(envelope, "storky-gateway", envelope.name))
    (event,) = await Log(pool).read_stream(migration_stream(command.migration_id))
    assert event.metadata.actor == "storky-gateway"
    assert event.metadata.on_behalf_of == "user-1"
    assert event.metadata.causation_id == envelope.id
    assert event.metadata.correlation_id == command.migration_id
    assert event.metadata.traceparent == envelope.traceparent


async def test_reports_that_arrive_at_the_same_instant_are_all_counted(
    handler: CommandHandler, pool: asyncpg.Pool
) -> None:
    command = create()
    await handler.handle(received(command))
    await handler.handle(received(RunStep(migration_id=command.migration_id, step=Step.PREFLIGHT)))
    stream = migration_stream(command.migration_id)
    tasks = [event.decode() for event in await Log(pool).read_stream(stream)]

    async with anyio.create_task_group() as group:
        for task in tasks:
            if isinstance(task, TaskRequested):
                report = ReportTaskSucceeded(migration_id=command.migration_id, task_id=task.task_id)
                group.start_soon(handler.handle, received(report, f"storky-{task.service}"))
    last = (await Log(pool).read_stream(stream))[-1].decode()
    assert isinstance(last, TaskRequested)
    assert last.name == "preflight-verdict"  # asked for when every check was counted
