"""How fast projections are built anew: `python benchmarks/rebuild.py [--events 1000000] [--at-once 100]`.

Starts a private PostgreSQL, writes a log of whole migrations, some at once, and rebuilds each projection
beside its live rows. Prints events per second, and the most memory this process had before and after.
"""

import argparse
import re
import resource
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import anyio
import asyncpg

from events.commands import CreateMigration, MigrationCommand, ReportTaskSucceeded, RunStep
from events.facts import Fact, TaskRequested
from events.store import Accepted, Append, Log, Metadata, NewEvent, StreamWrite, connect
from events.store.database import session
from events.store.schema import upgrade
from events.vocabulary import GATEWAY, AppRef, Step, broker_user
from local.postgres import PostgresServer
from projections.upkeep import builds, discover, rebuild
from services.migrations.context import Context
from services.migrations.decide import decide
from services.migrations.state import Migration, evolve

SAMPLE = UUID(int=1)
REGIONS = frozenset({"a", "b"})
INVENTORY = {
    "app_id": "app-1",
    "status": "running",
    "addons": [{"id": "ad-1", "provider": "postgresql", "plan": "small", "version": "18", "has_data": True}],
}
AN_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
GROUP = 500  # appends in a transaction

Text = tuple[str, str, str]  # an event's stream, type and data


async def main(events: int, at_once: int) -> None:
    """Write the log, and measure."""
    with tempfile.TemporaryDirectory() as directory:
        server = PostgresServer(Path(directory))
        await server.start()
        try:
            await upgrade(server.url())
            async with connect(server.url(), "benchmark") as pool:
                await write(pool, events, at_once)
                for projection in discover().values():
                    async with session(pool) as connection:
                        await builds.install(connection, projection)
                    before, started = memory(), time.perf_counter()
                    await rebuild(pool, projection)
                    rate = events / (time.perf_counter() - started)
                    print(f"{rate:>10,.0f} events/s, {projection.name}  ({before} to {memory()} MB)")
        finally:
            await server.stop()


async def write(pool: asyncpg.Pool, events: int, at_once: int) -> None:
    """Append events of migrations, `at_once` of them side by side."""
    appends = islice(interleaved(told(), at_once), events)
    while group := list(islice(appends, GROUP)):
        await Log(pool).append(group)


def interleaved(story: list[Text], at_once: int) -> Iterator[Append]:
    """Yield the events of one migration after the other, without end, in as many lanes."""
    lanes = [copies(story, skip=len(story) * lane // at_once) for lane in range(at_once)]
    while True:
        for lane in lanes:
            yield next(lane)


def copies(story: list[Text], skip: int) -> Iterator[Append]:
    """Yield the story's events again and again, each time with other ids; the first time without the last."""
    story, whole = story[: len(story) - skip], story
    while True:
        copy = uuid4()
        for text in story:
            yield copied(text, copy)
        story = whole


def copied(text: Text, copy: UUID) -> Append:
    """Return the event with ids of its own for this copy of the story."""
    stream, kind, data = (AN_ID.sub(lambda found: str(uuid5(copy, found[0])), part) for part in text)
    event = NewEvent(uuid4(), kind, 1, data, Metadata(actor=GATEWAY, correlation_id=copy, causation_id=copy))
    return Append(uuid4(), Accepted(stream), (StreamWrite(stream, None, (event,)),))


def told() -> list[Text]:
    """Return the events of a migration that succeeds, as the real rules decide them."""
    source, destination = AppRef(region="a", app="app"), AppRef(region="b", app="app")
    history: list[Fact] = []
    state = carry_out(
        None, CreateMigration(migration_id=SAMPLE, source=source, destination=destination), history
    )
    for step in (Step.PREFLIGHT, Step.PREPARE, Step.DATA, Step.FINALIZE):
        state = carry_out(state, RunStep(migration_id=SAMPLE, step=step), history)
        for fact in history:  # it grows meanwhile
            if isinstance(fact, TaskRequested) and fact.step is step:
                result = {"inventory": INVENTORY} if fact.name == "freeze-source" else {}
                report = ReportTaskSucceeded(migration_id=SAMPLE, task_id=fact.task_id, result=result)
                state = carry_out(state, report, history, broker_user(fact.service))
    return [(fact.stream, type(fact).__name__, fact.model_dump_json()) for fact in history]


def carry_out(
    state: Migration | None, command: MigrationCommand, history: list[Fact], publisher: str = GATEWAY
) -> Migration | None:
    """Decide, keep the events, and return the state after them."""
    new = decide(state, command, Context(publisher, REGIONS))
    history += new
    for fact in new:
        if fact.stream.startswith("migration/"):
            state = evolve(state, fact)
    return state


def memory() -> int:
    """Return the most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--at-once", type=int, default=100)
    arguments = parser.parse_args()
    anyio.run(main, arguments.events, arguments.at_once)
