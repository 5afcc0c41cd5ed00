"""Replay is equality: after a random run of hundreds of migrations, fresh rows are what the live ones are."""

import re
from collections.abc import Sequence
from contextlib import suppress
from random import Random
from typing import Any
from uuid import UUID, uuid4, uuid5

import anyio
import pytest

from events import vocabulary
from events.catalogue import schema_version
from events.commands import ExpireHandover, MigrationCommand, RemindOfHandover
from events.status import Status
from events.store import Accepted, Append, Log, Metadata, NewEvent, StreamWrite, connect
from events.store.database import session
from events.store.subscriptions import wait_for
from events.vocabulary import Step
from projections.status import queries
from projections.status.fold import status_at
from projections.upkeep import discover, keep
from services.migrations.rejections import RejectedError
from tests.migrations.story import ABORT, CREATE, MIGRATION, Story, addon, inventory
from tests.projections.replaying import differences

pytestmark = pytest.mark.anyio

STORIES, COPIES, MOVES = 10, 20, 60
INVENTORIES = (
    inventory("stopped", addon("ad-1")),
    inventory("running", addon("ad-1"), addon("ad-2"), addon("ad-3", has_data=False)),
)
TOLD: dict[str, dict[str, Any]] = {
    "create-app": {"app_id": "new-1"},
    "hand-over": {"expires_at": "2030-01-31T00:00:00Z"},
    "back-up-database": {"size_bytes": 7, "data_bytes": 70},
}
CLOCK: Sequence[MigrationCommand] = (
    RemindOfHandover(migration_id=MIGRATION, remaining_seconds=60),
    ExpireHandover(migration_id=MIGRATION),
)
AN_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


Told = tuple[str, str, str]  # an event's stream, type and data


def told(random: Random) -> list[Told]:
    """Return a migration's events: its steps are run, fail, are run again and aborted, as it happens."""
    story = Story(random.choice(INVENTORIES))
    story.when(CREATE)
    for _ in range(random.randint(1, MOVES)):
        with suppress(RejectedError):
            move(story, random)
    return [(fact.stream, type(fact).__name__, fact.model_dump_json()) for fact in story.history]


def move(story: Story, random: Random) -> None:
    chance = random.random()
    if chance < 0.02:
        story.when(ABORT)
    elif asked := story.asked() if story.state.under_way else []:
        task = random.choice(asked)
        if chance < 0.05:
            story.fail(task)
        else:
            story.succeed(task, **TOLD.get(task.name, {}))
    elif story.state.status is Status.DONE:
        story.when(random.choice(CLOCK), vocabulary.TIMERS)
    else:
        story.run(random.choice(list(Step)[:4]))


def copied(event: Told, copy: UUID) -> Append:
    """Return the event with ids of its own for this copy of its story."""
    stream, kind, data = (AN_ID.sub(lambda found: str(uuid5(copy, found[0])), part) for part in event)
    user = f"us-{copy.int % 9}" if copy.int % 2 else None
    metadata = Metadata(actor="tests", on_behalf_of=user, correlation_id=copy, causation_id=copy)
    new = NewEvent(uuid4(), kind, schema_version(kind), data, metadata)
    return Append(uuid4(), Accepted(stream), (StreamWrite(stream, None, (new,)),))


async def test_after_hundreds_of_migrations_a_replay_gives_every_row(installed_url: str) -> None:
    random = Random(8)
    stories = [told(random) for _ in range(STORIES)]
    pending = [[copied(event, copy) for event in story] for story in stories * COPIES for copy in [uuid4()]]
    migrations = [events[0].writes[0].stream for events in pending]
    async with connect(installed_url, "tests") as pool, anyio.create_task_group() as group:
        for projection in discover().values():
            group.start_soon(keep, pool, projection)
        while pending := [events for events in pending if events]:
            some = random.sample(pending, min(40, len(pending)))
            await Log(pool).append([events.pop(0) for events in some for _ in events[: random.randint(1, 9)]])
        for projection in discover().values():
            await wait_for(pool, projection.name, await Log(pool).head(), timeout_seconds=60)
        async with session(pool) as connection:
            for projection in discover().values():
                assert await differences(connection, projection) == []
            for stream in migrations[: STORIES * 2]:
                shown = await queries.migration(connection, UUID(stream.removeprefix("migration/")))
                assert shown == status_at(await Log(pool).read_stream(stream))
        group.cancel_scope.cancel()
