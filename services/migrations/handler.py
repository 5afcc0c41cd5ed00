"""Load, decide, append: one command, one append, one outcome."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from events import facts
from events.commands import Command, CreateMigration
from events.facts import Fact
from events.store import (
    Accepted,
    Append,
    Appended,
    Appender,
    CommandOutcome,
    Duplicate,
    Log,
    NewEvent,
    Rejected,
    StreamWrite,
    VersionConflict,
)
from events.vocabulary import AppRef, app_stream, migration_stream, publisher_stream
from services.migrations.decide import Context, decide
from services.migrations.intake import Received
from services.migrations.rejections import RejectedError
from services.migrations.state import Migration, fold, holder

Versions = dict[str, int]


class CommandHandler:
    """Decides about commands. Safe to run in many tasks and many processes at once."""

    def __init__(self, log: Log, appender: Appender, regions: frozenset[str]) -> None:
        self._log = log
        self._appender = appender
        self._regions = regions

    async def handle(self, received: Received) -> CommandOutcome:
        """Return the command's outcome: the stored one if its id was seen before.

        A conflict means that another writer was faster: the state is loaded and the decision made again.
        Raises LogUnavailableError.
        """
        while True:
            outcome = await self._appender.append(await self._decide(received))
            match outcome:
                case Appended() | Duplicate():
                    return outcome.outcome
                case VersionConflict():
                    continue

    async def _decide(self, received: Received) -> Append:
        try:
            command = received.command()
            state, claims, versions = await self._load(command)
            context = Context(received.publisher, self._regions, claims)
            new = decide(state, command, context)
        except RejectedError as rejection:
            return _rejection(received, rejection)
        stream = migration_stream(command.migration_id)
        return Append(received.command_id, Accepted(stream), _writes(received, new, versions))

    async def _load(self, command: Command) -> tuple[Migration | None, dict[AppRef, UUID], Versions]:
        stream = migration_stream(command.migration_id)
        history = await self._read(stream)
        versions = {stream: len(history)}
        claims: dict[AppRef, UUID] = {}
        if isinstance(command, CreateMigration):
            for app in (command.source, command.destination):
                held = await self._read(app_stream(app))
                versions[app_stream(app)] = len(held)
                if migration_id := holder(held):
                    claims[app] = migration_id
        return fold(history), claims, versions

    async def _read(self, stream: str) -> list[Fact]:
        return [event.decode() for event in await self._log.read_stream(stream)]


def _writes(received: Received, new: Sequence[Fact], versions: Versions) -> tuple[StreamWrite, ...]:
    """Group the events by stream; streams that the decision did not read may be at any version."""
    metadata = received.metadata()
    by_stream: dict[str, list[NewEvent]] = {}
    for place, fact in enumerate(new):
        event = NewEvent.of(fact, id=uuid5(received.command_id, str(place)), metadata=metadata)
        by_stream.setdefault(fact.stream, []).append(event)
    return tuple(
        StreamWrite(stream, versions.get(stream), tuple(group)) for stream, group in by_stream.items()
    )


def _rejection(received: Received, rejection: RejectedError) -> Append:
    fact = facts.CommandRejected(
        publisher=received.publisher,
        command_id=received.envelope.id,
        command_type=received.envelope.name,
        migration_id=received.migration_id,
        code=rejection.code,
        reason=rejection.reason,
    )
    verdict = Rejected(publisher_stream(received.publisher), rejection.code, rejection.reason)
    return Append(received.command_id, verdict, _writes(received, [fact], {}))
