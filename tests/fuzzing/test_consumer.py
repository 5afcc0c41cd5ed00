"""The migrations service takes ten thousand messages, most of them wrong: it goes on, and none is lost."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from uuid import uuid4

import aio_pika
import anyio
import pytest

from events import store
from events.bus import Outgoing, connect, parking
from events.bus.parking import ParkedMessage
from events.bus.topology import COMMANDS, PARKED
from events.commands import CreateMigration, RegisterPlatform
from events.envelope import Envelope, MalformedError
from events.replies import Accepted, Rejected, read_reply
from events.vocabulary import OPERATOR, AppRef, Message, Permission
from services.migrations.intake import receive
from tests.bus.conftest import PLATFORM, Broker
from tests.bus.helpers import is_empty
from tests.fuzzing.mail import DESTINATION, SOURCE, Mail, post, publish
from tests.fuzzing.mutations import MARK
from tests.fuzzing.promise import check_reason, delivery
from tests.gateway.stack import Process

pytestmark = pytest.mark.anyio

COUNT = 10_000
PATIENCE = 300  # seconds, on a machine with much else to do
CODES = {
    *("app_in_migration", "id_reused", "invalid_command", "no_publisher", "unknown_message"),
    *("unknown_migration", "wrong_key", "wrong_state"),
}
ACTIONS = {"ready", "bus.connected", "decide", "bus.park", "bus.reply"}
REFUSALS = "SELECT data::json ->> 'reason' AS reason FROM events WHERE type = 'CommandRejected'"

Content = tuple[bytes, str | None]  # a body, and who sent it


@pytest.fixture
def service(broker: Broker, installed_url: str, tmp_path: Path) -> Iterator[Process]:
    """The service that decides about commands."""
    environment = {
        "STORKY_AMQP_URLS": json.dumps(broker.urls("storky-migrations")),
        "STORKY_DATABASE_URL": installed_url,
        "STORKY_REGIONS": json.dumps({SOURCE: {}, DESTINATION: {}}),
    }
    process = Process("migrations", environment, tmp_path)
    process.start()
    yield process
    process.stop()


async def test_of_ten_thousand_messages_each_is_decided_about_or_parked_with_its_reason(
    broker: Broker, service: Process, installed_url: str
) -> None:
    pid = service.pid
    policy = RegisterPlatform(
        name=PLATFORM, may=tuple(Permission), apps=("*",), regions=(SOURCE, DESTINATION)
    )
    assert isinstance(await send(broker, OPERATOR, policy), Accepted)
    sent = post(Random("ten thousand"), COUNT)
    await publish(broker.urls(PLATFORM)[0], sent)
    parked = await parked_after_all(broker, service)

    check_log(service.log.read_text())
    left = check_parked(parked, sent)
    assert decided(service) == left.total()
    await check_outcomes(installed_url, left)
    app = {
        "source": AppRef(region=SOURCE, app="at-last"),
        "destination": AppRef(region=DESTINATION, app="at-last"),
    }
    assert isinstance(await send(broker, PLATFORM, CreateMigration(migration_id=uuid4(), **app)), Accepted)
    assert service.pid == pid
    service.stop()
    async with connect(broker.urls("storky-migrations"), "after") as bus:
        assert await is_empty(bus)


async def send(broker: Broker, user: str, command: Message) -> Accepted | Rejected:
    envelope = Envelope.wrap(command, id=uuid4(), source=user)
    outgoing = Outgoing(COMMANDS, envelope.name, envelope.to_bytes(), envelope.id)
    async with connect(broker.urls(user), user) as bus:
        return read_reply(await bus.request(outgoing, 30))


async def parked_after_all(broker: Broker, service: Process) -> list[ParkedMessage]:
    """Take what is parked until as many messages were handled as were sent."""
    parked: list[ParkedMessage] = []

    async def keep(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        parked.append(parking._parked(message))

    async with (
        connect(broker.urls(OPERATOR), "parked") as bus,
        bus.link.channel(anyio.current_time() + 10) as channel,
    ):
        await (await channel.get_queue(PARKED, ensure=False)).consume(keep, no_ack=True)
        with anyio.fail_after(PATIENCE):
            while len(parked) + decided(service) < COUNT:
                await anyio.sleep(0.2)
    return parked


def decided(service: Process) -> int:
    """Return how many commands were decided about, after the one with the policy."""
    return service.log.read_text().count('"action": "decide"') - 1


def check_parked(parked: Sequence[ParkedMessage], sent: Sequence[Mail]) -> Counter[Content]:
    """What is parked cannot be read, or has expired; return what is not parked."""
    may_expire = {(one.body, one.actor) for one in sent if one.expires}
    for one in parked:
        check_reason(one.reason)
        if one.reason.startswith("it expired"):
            assert (one.delivery.body, one.delivery.actor) in may_expire
        else:
            assert one.reason.startswith("malformed: ")
            with pytest.raises(MalformedError):
                Envelope.parse(one.delivery.body)
    left = Counter((one.body, one.actor) for one in sent)
    left.subtract((one.delivery.body, one.delivery.actor) for one in parked)
    assert min(left.values()) == 0
    return +left


async def check_outcomes(url: str, left: Counter[Content]) -> None:
    """Each of the others has its outcome; what came again has that of the first time."""
    commands = [receive(delivery(body, "", actor)) for body, actor in left]
    async with store.connect(url, "tests") as pool:
        outcomes = {row["command_id"]: row for row in await pool.fetch("SELECT * FROM command_outcomes")}
        recorded = Counter(row["reason"] for row in await pool.fetch(REFUSALS))
        await store.verify(pool)
    assert {command.command_id for command in commands} <= outcomes.keys()
    assert len(outcomes) == len({(command.command_id, command.digest) for command in commands}) + 1
    refused = [row for row in outcomes.values() if not row["accepted"]]
    assert Counter(row["reason"] for row in refused) == recorded
    assert {row["code"] for row in refused} >= CODES
    for reason in recorded:
        check_reason(reason)


def check_log(text: str) -> None:
    """It has lines of the known kinds only, and nothing of what the messages say."""
    lines = [json.loads(line) for line in text.splitlines()]
    assert {line["service"] for line in lines} == {"migrations"}
    assert {line["action"] for line in lines} == ACTIONS
    assert MARK not in text
