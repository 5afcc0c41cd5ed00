"""Many writers and many readers at once: one order, without holes, the same for everybody."""

from collections.abc import Sequence
from itertools import pairwise
from uuid import uuid4

import anyio
import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.store import Accepted, Append, Appended, Duplicate, Log, StreamWrite, VersionConflict, connect
from tests.store.samples import append, event, write

pytestmark = pytest.mark.anyio

WRITERS, READERS, EACH = 8, 4, 20
STREAMS = ("a", "b", "c")


async def test_readers_meet_no_hole_and_no_reversed_order(installed_url: str) -> None:
    total = WRITERS * EACH
    async with connect(installed_url, "tests", size=WRITERS + READERS) as pool:
        log = Log(pool)

        async def write_own() -> None:
            for number in range(EACH):
                # Groups of two events that belong together, in a stream that all writers share.
                await log.append([append(write(f"s{number % 3}", count=2))])

        async def read_along() -> None:
            position = 0
            versions: dict[str, int] = {}
            while position < 2 * total:
                for read in await log.read_all(position, 50):
                    assert read.position == position + 1
                    assert read.version == versions.get(read.stream, 0) + 1
                    position, versions[read.stream] = read.position, read.version
                await anyio.sleep(0.002)

        with anyio.fail_after(60):
            async with anyio.create_task_group() as tasks:
                for _ in range(READERS):
                    tasks.start_soon(read_along)
                for _ in range(WRITERS):
                    tasks.start_soon(write_own)


async def test_of_many_who_saw_the_same_version_one_wins(installed_url: str) -> None:
    async with connect(installed_url, "tests", size=WRITERS) as pool:
        log = Log(pool)
        outcomes = []

        async def try_once() -> None:
            outcomes.extend(await log.append([append(write("s", 0))]))

        async with anyio.create_task_group() as tasks:
            for _ in range(WRITERS):
                tasks.start_soon(try_once)
        winners = [outcome for outcome in outcomes if isinstance(outcome, Appended)]
        losers = [outcome for outcome in outcomes if outcome == VersionConflict("s", 0, 1)]
        assert (len(winners), len(losers)) == (1, WRITERS - 1)


async def test_a_command_sent_to_many_writers_at_once_is_written_once(installed_url: str) -> None:
    async with connect(installed_url, "tests", size=WRITERS) as pool:
        log = Log(pool)
        command_id = uuid4()
        outcomes = []

        async def send() -> None:
            outcomes.extend(await log.append([append(write("s"), command_id=command_id)]))

        async with anyio.create_task_group() as tasks:
            for _ in range(WRITERS):
                tasks.start_soon(send)
        assert sum(isinstance(outcome, Appended) for outcome in outcomes) == 1
        assert sum(isinstance(outcome, Duplicate) for outcome in outcomes) == WRITERS - 1
        assert await log.head() == 1


class Model:
    """What the log should be: the versions of the streams, and the commands it has seen."""

    def __init__(self) -> None:
        self.events: list[tuple[str, int]] = []
        self.handled: set[int] = set()

    def version(self, stream: str) -> int:
        return sum(written == stream for written, _ in self.events)

    def add(self, command: int, writes: Sequence[tuple[str, int | None, int]]) -> type:
        if command in self.handled:
            return Duplicate
        before = list(self.events)
        for stream, expected, count in writes:
            if expected is not None and expected != self.version(stream):
                self.events = before
                return VersionConflict
            for _ in range(count):
                self.events.append((stream, self.version(stream) + 1))
        self.handled.add(command)
        return Appended


WRITES = st.tuples(st.sampled_from(STREAMS), st.none() | st.integers(0, 3), st.integers(0, 3))
COMMANDS = st.tuples(st.integers(0, 9), st.lists(WRITES, max_size=3))
GROUPS = st.lists(st.lists(COMMANDS, min_size=1, max_size=5), min_size=1, max_size=5)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(groups=GROUPS)
async def test_any_sequence_of_groups_behaves_like_the_model(
    pool: asyncpg.Pool, log: Log, groups: list[list[tuple[int, list[tuple[str, int | None, int]]]]]
) -> None:
    model, start, prefix = Model(), await log.head(), f"{uuid4()}/"
    ids = {number: uuid4() for number in range(10)}
    for group in groups:
        expected = [model.add(command, writes) for command, writes in group]
        batch = [
            Append(
                ids[command],
                Accepted(prefix),
                tuple(
                    StreamWrite(prefix + stream, version, tuple(event() for _ in range(count)))
                    for stream, version, count in writes
                ),
            )
            for command, writes in group
        ]
        assert [type(outcome) for outcome in await log.append(batch)] == expected
    written = await log.read_all(start, 1000)
    assert [(read.stream.removeprefix(prefix), read.version) for read in written] == model.events
    assert all(after.position == before.position + 1 for before, after in pairwise(written))
