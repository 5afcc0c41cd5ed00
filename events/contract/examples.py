"""One example of each message: they tell the story of one migration."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from uuid import UUID, uuid5

from events import commands, facts
from events.envelope import Envelope
from events.failures import Reason
from events.inventory import Addon, Build, Container, Domain, Inventory
from events.publication import envelope
from events.replies import Accepted, Rejected
from events.store import Metadata, RecordedEvent
from events.vocabulary import (
    GATEWAY,
    OPERATOR,
    TIMERS,
    AppRef,
    Message,
    Permission,
    Service,
    Step,
    broker_user,
)

PLATFORM = "billing"
MIGRATION = UUID("8e62c0de-4f1b-4f7a-9d55-0d5d1f6f0c11")
MOMENT = datetime(2026, 1, 31, 12, tzinfo=UTC)
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

_SOURCE = AppRef(region="agora-fr1", app="billing-web")
_DESTINATION = AppRef(region="osc-fr1", app="billing-web")
_ADDON = "ad-f1072539958665167eb2aac3"
_COPY = "ad-62085795ae6704fd6038cdea"
_RESTORE, _BACK_UP = (uuid5(MIGRATION, name) for name in ("restore-database", "back-up-database"))
_ROWS = {"rows": 120_000, "tables": 14}
_UNREACHABLE = Reason(code="region_unreachable", params={"region": "osc-fr1"})
_POLICY = {
    "name": PLATFORM,
    "may": (Permission.CREATE, Permission.RUN, Permission.ABORT),
    "apps": ("billing-*",),
    "regions": ("agora-fr1", "osc-fr1"),
    "subscriptions": ("MigrationDone.#", "StepFailed.*.*"),
}
_INVENTORY = Inventory(
    app_id="78084a7d7ffee0a500a40914",
    status="running",
    containers=(Container(name="web", amount=2, size="M"),),
    build=Build(deployment_id="c142089411ea9198c25678f2", digest="b8e73c1f" * 8, size_bytes=48_211_904),
    variables=("DATABASE_URL", "SESSION_SECRET"),
    domains=(Domain(id="a3547e36e0da87e48bf4f0a3", name="billing.example.com"),),
    addons=(
        Addon(
            id=_ADDON,
            provider="postgresql",
            plan="postgresql-starter-512",
            version="18",
            has_data=True,
            variables=("DATABASE_URL",),
        ),
    ),
    collaborators=3,
)

_MESSAGES: tuple[Message, ...] = (
    commands.CreateMigration(migration_id=MIGRATION, source=_SOURCE, destination=_DESTINATION),
    commands.RunStep(migration_id=MIGRATION, step=Step.PREPARE, expected_version=9),
    commands.AbortMigration(migration_id=MIGRATION),
    commands.ApproveStep(migration_id=MIGRATION, step=Step.FINALIZE),
    commands.ReportTaskSucceeded(migration_id=MIGRATION, task_id=_RESTORE, result=_ROWS),
    commands.ReportTaskFailed(migration_id=MIGRATION, task_id=_RESTORE, reasons=(_UNREACHABLE,)),
    commands.RemindOfHandover(migration_id=MIGRATION, remaining_seconds=86_400),
    commands.ExpireHandover(migration_id=MIGRATION),
    commands.RefuseCommand(
        command_type="CreateMigration",
        code="not_collaborator",
        reason="Only its owner and collaborators may move the app portal.",
        app=AppRef(region="agora-fr1", app="portal"),
    ),
    commands.RegisterPlatform.model_validate(_POLICY),
    commands.RemovePlatform(name=PLATFORM),
    facts.MigrationCreated(migration_id=MIGRATION, source=_SOURCE, destination=_DESTINATION),
    facts.AppClaimed(app=_SOURCE, migration_id=MIGRATION),
    facts.AppReleased(app=_SOURCE, migration_id=MIGRATION),
    facts.StepStarted(
        migration_id=MIGRATION,
        step=Step.DATA,
        run=3,
        epoch=1,
        requested_by=PLATFORM,
        plan=(
            facts.PlannedTask(
                task_id=_RESTORE,
                name="restore-database",
                service=Service.ADDONS,
                label="Restore postgresql",
                item=_ADDON,
                after=(_BACK_UP,),
                needs=("provision-addon", "back-up-database"),
            ),
        ),
    ),
    facts.TaskRequested(
        migration_id=MIGRATION,
        step=Step.DATA,
        epoch=1,
        task_id=_RESTORE,
        name="restore-database",
        service=Service.ADDONS,
        label="Restore postgresql",
        item=_ADDON,
        source=_SOURCE,
        destination=_DESTINATION,
        inventory=_INVENTORY,
        inputs={"provision-addon": {"addon_id": _COPY}},
    ),
    facts.TaskSucceeded(
        migration_id=MIGRATION,
        step=Step.DATA,
        task_id=_RESTORE,
        name="restore-database",
        service=Service.ADDONS,
        item=_ADDON,
        result=_ROWS,
    ),
    facts.TaskFailed(
        migration_id=MIGRATION,
        step=Step.DATA,
        task_id=_RESTORE,
        name="restore-database",
        service=Service.ADDONS,
        item=_ADDON,
        reasons=(_UNREACHABLE,),
    ),
    facts.StepSucceeded(migration_id=MIGRATION, step=Step.DATA, run=3),
    facts.StepFailed(migration_id=MIGRATION, step=Step.DATA, run=3),
    facts.MigrationDone(migration_id=MIGRATION),
    facts.MigrationAborted(migration_id=MIGRATION),
    facts.HandoverExpiring(migration_id=MIGRATION, remaining_seconds=86_400),
    facts.HandoverExpired(migration_id=MIGRATION),
    facts.CommandRejected(
        publisher=PLATFORM,
        command_id=uuid5(MIGRATION, "RunStep"),
        command_type="RunStep",
        migration_id=MIGRATION,
        app=_SOURCE,
        code="wrong_state",
        reason="The prepare step is running; wait until it ends, or abort the migration.",
    ),
    facts.PlatformRegistered.model_validate(_POLICY),
    facts.PlatformRemoved(name=PLATFORM),
)

EXAMPLES: Mapping[str, Message] = MappingProxyType({type(each).__name__: each for each in _MESSAGES})

# Who says what the platform does not: a user of the broker, and its commands and what they lead to.
_OTHERS: Mapping[str, tuple[str, ...]] = {
    broker_user(Service.ADDONS): (
        *("ReportTaskSucceeded", "TaskSucceeded", "StepSucceeded"),
        *("ReportTaskFailed", "TaskFailed", "StepFailed"),
    ),
    broker_user(Service.ROUTING): ("MigrationDone", "AppReleased"),
    broker_user(Service.APPS): ("MigrationAborted",),
    TIMERS: ("RemindOfHandover", "HandoverExpiring", "ExpireHandover", "HandoverExpired"),
    GATEWAY: ("RefuseCommand",),
    OPERATOR: ("RegisterPlatform", "PlatformRegistered", "RemovePlatform", "PlatformRemoved"),
}

REPLIES = (
    Accepted(outcome="accepted", stream=f"migration/{MIGRATION}", version=12, position=4711),
    Rejected(
        outcome="rejected",
        code="not_permitted",
        reason="The policy of billing lacks: the app portal.",
        position=4712,
    ),
)


def example(name: str) -> Envelope:
    """Return the example of a message as it goes over the wire."""
    message = EXAMPLES[name]
    if isinstance(message, facts.Fact):
        return _published(message)
    source = speaker(name).replace("storky-", "storky/")
    return Envelope.wrap(message, id=uuid5(MIGRATION, name), source=source, time=MOMENT, traceparent=TRACE)


def speaker(name: str) -> str:
    """Return the broker's user that says the example of a command, or said what led to the event."""
    return next((user for user, said in _OTHERS.items() if name in said), PLATFORM)


def _published(fact: facts.Fact) -> Envelope:
    name = type(fact).__name__
    recorded = RecordedEvent(
        position=4711,
        stream=fact.stream,
        version=12,
        id=uuid5(MIGRATION, name),
        type=name,
        schema_version=1,
        data=fact.model_dump_json(),
        metadata=Metadata(
            actor=speaker(name),
            correlation_id=MIGRATION,
            causation_id=uuid5(MIGRATION, "RunStep"),
            traceparent=TRACE,
        ),
        recorded_at=MOMENT,
        hash=b"",
    )
    return envelope(recorded, fact)
