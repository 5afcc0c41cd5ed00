"""Logs with migrations in them, as short as a test can say them."""

from uuid import UUID, uuid4

from events import facts
from events.facts import Fact
from events.store import Accepted, Append, Log, Metadata, NewEvent, StreamWrite
from events.vocabulary import AppRef

HERE, THERE = "agora-fr1", "osc-fr1"


def claimed(app: str, migration: UUID, destination: str = THERE) -> list[Fact]:
    ends = (AppRef(region=HERE, app=app), AppRef(region=destination, app=app))
    return [
        facts.MigrationCreated(migration_id=migration, source=ends[0], destination=ends[1]),
        *(facts.AppClaimed(app=end, migration_id=migration) for end in ends),
    ]


def aborted(app: str, migration: UUID, destination: str = THERE) -> list[Fact]:
    ends = (AppRef(region=HERE, app=app), AppRef(region=destination, app=app))
    return [
        facts.MigrationAborted(migration_id=migration),
        *(facts.AppReleased(app=end, migration_id=migration) for end in ends),
    ]


def rejected(publisher: str, app: str | None = None, migration: UUID | None = None) -> list[Fact]:
    fact = facts.CommandRejected(
        publisher=publisher,
        command_id=uuid4(),
        command_type="CreateMigration",
        migration_id=migration,
        app=AppRef(region=HERE, app=app) if app else None,
        code="same_region",
        reason='The app is in "agora-fr1" already, 100 % sure; name an_other region.',
    )
    return [fact]


async def publish(
    log: Log, new: list[Fact], actor: str = "storky-gateway", person: str | None = "us-1"
) -> None:
    """Append the facts as one command's effect."""
    metadata = Metadata(
        actor=actor, on_behalf_of=person, correlation_id=uuid4(), causation_id=uuid4(), traceparent=None
    )
    events = [(fact.stream, NewEvent.of(fact, uuid4(), metadata)) for fact in new]
    writes = tuple(StreamWrite(stream, None, (event,)) for stream, event in events)
    await log.append([Append(uuid4(), Accepted(events[0][0]), writes)])
