"""Load, decide, append: one command, one append, one outcome."""

from uuid import UUID

from events.bus.topology import INTERNAL_PREFIX
from events.commands import (
    CreateMigration,
    MigrationCommand,
    Policy,
    RefuseCommand,
    RegisterPlatform,
    RemovePlatform,
)
from events.facts import Fact, PlatformRegistered
from events.policies import policy_of
from events.store import (
    Append,
    Appended,
    Appender,
    CommandOutcome,
    Duplicate,
    IdReused,
    Log,
    VersionConflict,
)
from events.vocabulary import GATEWAY, AppRef, Step, app_stream, migration_stream, platform_stream
from services.migrations import platforms
from services.migrations.context import Context
from services.migrations.decide import decide
from services.migrations.effects import Versions, accepted, id_reused, rejected
from services.migrations.intake import Received
from services.migrations.rejections import RejectedError
from services.migrations.state import Migration, fold, holder


class CommandHandler:
    """Decides about commands. Safe to run in many tasks and many processes at once."""

    def __init__(
        self,
        log: Log,
        appender: Appender,
        regions: frozenset[str],
        approvals: frozenset[Step] = frozenset(),
    ) -> None:
        """`approvals` are the steps that wait for a second person."""
        self._log = log
        self._appender = appender
        self._regions = regions
        self._approvals = approvals

    async def handle(self, received: Received) -> CommandOutcome:
        """Return the command's outcome: the stored one if it was seen before.

        A conflict means that another writer was faster: the state is loaded and the decision made again.
        Raises LogUnavailableError.
        """
        append = await self._decide(received)
        while True:
            outcome = await self._appender.append(append)
            match outcome:
                case Appended() | Duplicate():
                    return outcome.outcome
                case IdReused():
                    append = id_reused(received)
                case VersionConflict():
                    append = await self._decide(received)

    async def _decide(self, received: Received) -> Append:
        try:
            command = received.command()
            match command:
                case RegisterPlatform() | RemovePlatform():
                    return await self._about_platform(received, command)
                case RefuseCommand():
                    return _refusal(received, command)
                case _:
                    return await self._about_migration(received, command)
        except RejectedError as rejection:
            return rejected(received, rejection)

    async def _about_platform(self, received: Received, command: Policy) -> Append:
        stream = platform_stream(command.name)
        history, version = await self._read(stream)
        new = platforms.decide(policy_of(history), command, received.publisher, self._regions)
        return accepted(received, stream, new, {stream: version})

    async def _about_migration(self, received: Received, command: MigrationCommand) -> Append:
        stream = migration_stream(command.migration_id)
        history, version = await self._read(stream)
        if version > len(history):
            raise RejectedError("archived", f"Migration {command.migration_id} has ended and was archived.")
        state = fold(history)
        claims, versions = await self._claims(command)
        context = Context(
            received.publisher,
            self._regions,
            received.on_behalf_of,
            claims,
            await self._policy(received.publisher),
            self._approvals,
        )
        try:
            new = decide(state, command, context)
        except RejectedError as rejection:
            return rejected(received, rejection, app=_app(state, command))
        return accepted(received, stream, new, {stream: version, **versions})

    async def _claims(self, command: MigrationCommand) -> tuple[dict[AppRef, UUID], Versions]:
        claims: dict[AppRef, UUID] = {}
        versions: Versions = {}
        if isinstance(command, CreateMigration):
            for app in (command.source, command.destination):
                held, versions[app_stream(app)] = await self._read(app_stream(app))
                if migration_id := holder(held):
                    claims[app] = migration_id
        return claims, versions

    async def _policy(self, publisher: str) -> PlatformRegistered | None:
        if publisher.startswith(INTERNAL_PREFIX):
            return None
        history, _ = await self._read(platform_stream(publisher))
        return policy_of(history)

    async def _read(self, stream: str) -> tuple[list[Fact], int]:
        """Return a stream's events and its version: of an archived stream there is the last event only."""
        events = await self._log.read_stream(stream)
        return [event.decode() for event in events], events[-1].version if events else 0


def _refusal(received: Received, command: RefuseCommand) -> Append:
    if received.publisher != GATEWAY:
        raise RejectedError("not_gateway", "Only the gateway may say that it refused a user's request.")
    refusal = RejectedError(command.code, command.reason)
    return rejected(received, refusal, command_type=command.command_type, app=command.app)


def _app(state: Migration | None, command: MigrationCommand) -> AppRef | None:
    if isinstance(command, CreateMigration):
        return command.source
    return state.source if state else None
