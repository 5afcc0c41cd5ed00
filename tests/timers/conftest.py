"""A migration that is done: the real log, broker, decisions and read model of the time after it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import anyio
import asyncpg
import pytest

from events import bus, store
from events.bus import Bus
from events.bus.topology import MIGRATIONS
from events.facts import HandoverExpiring
from events.store import Accepted, Append, Appender, Log, Metadata, NewEvent, StreamWrite
from events.store.subscriptions import wait_for
from events.vocabulary import Step, migration_stream
from projections.timers import TIMERS
from projections.upkeep import keep
from services.migrations.consumer import CommandConsumer
from services.migrations.handler import CommandHandler
from tests.bus.conftest import Broker
from tests.migrations.story import CREATE, MIGRATION, REGIONS, Story
from tests.servers import Node

HANDOVER = timedelta(days=30)


@dataclass
class After:
    """What the tests talk to, and what the log says of the time after the migration."""

    pool: asyncpg.Pool
    database_url: str
    broker: Broker
    end: datetime

    async def told(self) -> list[int]:
        """Return of which seconds before the end was told, in order; 0 is the end."""
        events = [event.decode() for event in await Log(self.pool).read_stream(migration_stream(MIGRATION))]
        kinds = [type(event).__name__ for event in events]
        return [
            event.remaining_seconds if isinstance(event, HandoverExpiring) else 0
            for event in events[kinds.index("MigrationDone") + 1 :]
        ]

    async def until_told(self, *seconds: int) -> None:
        """Return when exactly this was told, and the read model knows it."""
        with anyio.fail_after(60):
            while await self.told() != list(seconds):
                await anyio.sleep(0.02)
        await wait_for(self.pool, TIMERS.name, await Log(self.pool).head(), 60)


@pytest.fixture
async def after(installed_url: str, rabbitmq: Node, vhost: str) -> AsyncIterator[After]:
    broker = Broker(rabbitmq, vhost)
    await broker.install()
    end = datetime.now(UTC) + HANDOVER
    async with (
        store.connect(installed_url, "tests") as pool,
        bus.connect(broker.urls("storky-migrations"), "m") as migrations,
        anyio.create_task_group() as group,
    ):
        await _migrated(pool, end)
        group.start_soon(keep, pool, TIMERS)
        group.start_soon(_decide, pool, migrations)
        await wait_for(pool, TIMERS.name, await Log(pool).head(), 60)
        yield After(pool, installed_url, broker, end)
        group.cancel_scope.cancel()


async def _migrated(pool: asyncpg.Pool, end: datetime) -> None:
    """Append the events of a migration whose hand-over ends then."""
    story = Story()
    story.when(CREATE)
    for step in (Step.PREFLIGHT, Step.PREPARE, Step.FINALIZE):
        story.run(step)
        while story.state.under_way:
            task = story.asked()[0]
            story.succeed(task, **({"expires_at": end.isoformat()} if task.name == "hand-over" else {}))
    metadata = Metadata(actor="tests", correlation_id=MIGRATION, causation_id=uuid4())
    for fact in story.history:
        event = NewEvent.of(fact, id=uuid4(), metadata=metadata)
        write = StreamWrite(fact.stream, None, (event,))
        await Log(pool).append([Append(uuid4(), Accepted(fact.stream), (write,))])


async def _decide(pool: asyncpg.Pool, migrations: Bus) -> None:
    async with Appender(Log(pool)) as appender:
        consumer = CommandConsumer(migrations, CommandHandler(Log(pool), appender, REGIONS))
        await migrations.consume(MIGRATIONS, consumer, prefetch=100, concurrency=100)
