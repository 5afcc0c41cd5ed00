"""Ten thousand messages, good and bad, as a platform may publish them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from uuid import UUID

import aiormq
import anyio

from events.bus.topology import COMMANDS
from events.catalogue import COMMANDS as COMMAND_TYPES
from events.commands import AbortMigration, CreateMigration, RunStep
from events.envelope import Envelope
from events.vocabulary import AppRef, Message, Step
from tests.bus.conftest import PLATFORM
from tests.fuzzing import mutations, properties
from tests.fuzzing.properties import Raw, short

KEYS = ("CreateMigration", "RunStep", "AbortMigration", "ApproveStep")  # that a platform may publish under
SOURCE, DESTINATION = "agora-fr1", "osc-fr1"
IN_FLIGHT = 300
USER = {"user_id": short(PLATFORM.encode())}
EXPIRATIONS = (b"0", b"1", b"60000")


@dataclass(frozen=True)
class Mail:
    """A message to be published."""

    key: str
    body: bytes
    properties: Mapping[str, bytes] = field(default_factory=lambda: USER)

    @property
    def actor(self) -> str | None:
        return PLATFORM if "user_id" in self.properties else None

    @property
    def expires(self) -> bool:
        return "expiration" in self.properties


def post(random: Random, count: int) -> list[Mail]:
    """Return so many messages, in no order: some are commands, and some come again, or under a used id."""
    good = [*_commands(random, count // 40)]
    bad = [_bad(random) for _ in range(count // 2)]
    large = [replace(one, body=mutations.oversized(one.body)) for one in good[: count // 500]]
    reused = [replace(one, body=one.body.replace(b"my-app", b"an-app")) for one in good[: count // 40]]
    first = [_odd(random, one) for one in (*good, *bad, *large, *reused)]
    again = [replace(one) for one in random.choices(first, k=count - len(first))]
    return random.sample([*first, *again], count)


def _commands(random: Random, migrations: int) -> Iterator[Mail]:
    for number in range(migrations):
        app, migration_id = f"my-app-{number}", UUID(mutations.identity(random))
        ends = {
            end: AppRef(region=region, app=app)
            for end, region in (("source", SOURCE), ("destination", DESTINATION))
        }
        commands: Sequence[Message] = (
            CreateMigration(migration_id=migration_id, **ends),
            *(RunStep(migration_id=migration_id, step=step) for step in (Step.PREFLIGHT, Step.PREPARE)),
            AbortMigration(migration_id=migration_id),
        )
        for command in commands:
            envelope = Envelope.wrap(command, id=UUID(mutations.identity(random)), source=PLATFORM)
            yield Mail(envelope.name, envelope.to_bytes())


def _bad(random: Random) -> Mail:
    name = random.choice((*KEYS, *sorted(COMMAND_TYPES)))
    body = mutations.mutated(random, mutations.fresh(random, name))
    if random.randrange(10) == 0:
        body = random.randbytes(random.randrange(100))
    right = name in KEYS and random.randrange(5) > 0
    return Mail(name if right else random.choice(KEYS), body)


def _odd(random: Random, mail: Mail) -> Mail:
    if random.randrange(2):
        return mail
    chosen = properties.odd(random) | (USER if random.randrange(5) else {})
    if random.randrange(20) == 0:
        chosen["expiration"] = short(random.choice(EXPIRATIONS))
    return replace(mail, properties=chosen)


async def publish(url: str, mails: Sequence[Mail], exchange: str = COMMANDS) -> None:
    """Publish them all, many at a time, and return when the broker has confirmed each."""
    waiting = iter(mails)

    async def work() -> None:
        for mail in waiting:
            raw = Raw(**mail.properties)
            confirmed = await channel.basic_publish(
                mail.body, exchange=exchange, routing_key=mail.key, properties=raw, mandatory=True
            )
            assert isinstance(confirmed, aiormq.spec.Basic.Ack)

    async with aiormq.connect(url) as connection:
        channel = await connection.channel()
        async with anyio.create_task_group() as group:
            for _ in range(IN_FLIGHT):
                group.start_soon(work)
