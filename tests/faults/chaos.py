"""Migrations under faults: `python -m tests.faults.chaos --seconds 60 --seed 1`.

One whole system runs, several apps are migrated and aborted at random, and programs are killed, paused and
doubled meanwhile. The seed decides the sequence of faults. When they are over, everything must come to rest,
and what storky promises must hold; else what does not is printed, and the exit code is 1.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

import anyio
import httpx

from local.sample.deploy import owner
from local.system import running
from tests.end_to_end.world import World
from tests.faults.disturbances import SERVERS, SERVICES, disturb, sequence
from tests.faults.invariants import Invariants
from tests.faults.subjects import State, Subject

SETTINGS = {
    "STORKY_TASK_ATTEMPTS": "5",
    "STORKY_REGION_RECONCILE_SECONDS": "1",
    "STORKY_REGION_SETTLE_SECONDS": "1",
    "STORKY_REGION_STOP_SECONDS": "3",
}
APPS: dict[State, int] = {"running": 5, "stopped": 2, "new": 3}
AT_REST = 330  # seconds: an abort that failed often waits two minutes before it tries again, at most


@dataclass(frozen=True)
class Options:
    """`seconds` of faults, one in about `every` seconds; `seed` says which."""

    seconds: float
    every: float
    seed: int


async def chaos(directory: Path, options: Options) -> bool:
    """Return whether everything held."""
    async with AsyncExitStack() as stack:
        system = await stack.enter_async_context(running(directory, SETTINGS))
        token = system.endpoints.tokens["owner"]
        client = await stack.enter_async_context(owner(system.endpoints.gateway, token))
        world = World(directory, system, client)
        subjects = [Subject(f"{state}-{n}", state) for state, count in APPS.items() for n in range(count)]
        for subject in subjects:
            await subject.deploy(world)
        tell("deployed")
        client.timeout = httpx.Timeout(10)  # what was interrupted is asked again soon
        await under_faults(world, subjects, options)
        tell("no more faults")
        broken = await settled(world, subjects, options.seed)
        tell(f"at rest: {await tally(world, subjects)}")
        broken += await Invariants(world, subjects).broken()
    for problem in broken:
        tell(f"BROKEN {problem}")
    tell(f"{options}: {'broken' if broken else 'all held'}")
    return not broken


async def under_faults(world: World, subjects: Sequence[Subject], options: Options) -> None:
    async with anyio.create_task_group() as group:
        for subject in subjects:
            group.start_soon(subject.drive, world, Random(f"{options.seed} {subject.name}"))
        faults = sequence(Random(options.seed), options.every)
        await disturb(world.system, faults, options.seconds, tell)
        group.cancel_scope.cancel()
    with anyio.fail_after(120):
        for name in (*SERVERS, *SERVICES):
            while not _is_running(world, name):
                await anyio.sleep(0.1)


def _is_running(world: World, name: str) -> bool:
    try:
        return world.system.process(name).pid > 0
    except ProcessLookupError:
        return False


async def settled(world: World, subjects: Sequence[Subject], seed: int) -> list[str]:
    """Bring every migration to its end; return which did not come to rest in time."""
    broken: list[str] = []

    async def settle(subject: Subject) -> None:
        with anyio.move_on_after(AT_REST):
            while not await subject.settle(world, Random(f"{seed} {subject.name}")):
                await anyio.sleep(1)
            return
        newest = (await subject.migrations(world))[0]
        unfinished = {each["name"]: each["status"] for each in newest["steps"] if each["status"] != "done"}
        broken.append(f"{subject.name}: {newest['id']} is {newest['status']}: {unfinished}")

    async with anyio.create_task_group() as group:
        for subject in subjects:
            group.start_soon(settle, subject)
    return broken


async def tally(world: World, subjects: Sequence[Subject]) -> dict[str, int]:
    """Count the migrations by their status."""
    return Counter([each["status"] for subject in subjects for each in await subject.migrations(world)])


def tell(line: str) -> None:
    """Print a line with its time."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description="Migrations under faults.")
    parser.add_argument("--seconds", type=float, default=60, help="how long faults happen")
    parser.add_argument("--every", type=float, default=2.5, help="seconds between two faults, about")
    parser.add_argument("--seed", type=int, default=1, help="which faults")
    parser.add_argument("--dir", type=Path, help="keep everything in this directory, which must be empty")
    given = parser.parse_args()
    options = Options(given.seconds, given.every, given.seed)
    with tempfile.TemporaryDirectory() as temporary:
        held = anyio.run(chaos, given.dir or Path(temporary), options)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
