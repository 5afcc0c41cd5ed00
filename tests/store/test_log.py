"""What every user of the log relies on."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import anyio
import asyncpg
import pytest
from pydantic import ValidationError

from events.facts import AppClaimed
from events.store import (
    Accepted,
    Append,
    Appended,
    CommandOutcome,
    Duplicate,
    EventIdTakenError,
    IdReused,
    Log,
    LogUnavailableError,
    NewEvent,
    Rejected,
    StreamWrite,
    VersionConflict,
    connect,
)
from events.vocabulary import AppRef
from tests.store.samples import METADATA, WAITING, append, appended, event, fill, until, write

pytestmark = pytest.mark.anyio


async def test_an_empty_log(log: Log) -> None:
    assert await log.head() == 0
    assert await log.read_all(0, 10) == []
    assert await log.read_stream("nothing") == []
    assert await log.outcome(uuid4()) is None


async def test_an_event_is_read_as_it_was_written(log: Log) -> None:
    before = datetime.now(UTC)
    new = event('{"b":  1, "a": "\\u0000 é 🐘", "b": 2}')
    await log.append([append(StreamWrite("s", 0, (new,)))])
    (read,) = await log.read_all(0, 10)
    assert (read.id, read.type, read.schema_version, read.data) == (new.id, "Happened", 1, new.data)
    assert (read.position, read.stream, read.version, read.metadata) == (1, "s", 1, METADATA)
    assert before - timedelta(seconds=1) < read.recorded_at < datetime.now(UTC) + timedelta(seconds=1)
    assert await log.read_stream("s") == [read]


async def test_a_fact_survives_the_way_through_the_log(log: Log) -> None:
    fact = AppClaimed(app=AppRef(region="osc-fr1", app="my-app"), migration_id=uuid4())
    await log.append([append(StreamWrite(fact.stream, 0, (NewEvent.of(fact, uuid4(), METADATA),)))])
    (read,) = await log.read_stream("app/osc-fr1/my-app")
    assert read.decode() == fact
    assert json.loads(read.data)["app"] == {"region": "osc-fr1", "app": "my-app"}


async def test_streams_and_the_whole_log_are_read_in_order_and_in_parts(log: Log) -> None:
    await log.append([append(write("a", 0, 2), write("b", 0)), append(write("a", 2))])
    assert [(e.position, e.stream, e.version) for e in await log.read_all(0, 10)] == [
        (1, "a", 1),
        (2, "a", 2),
        (3, "b", 1),
        (4, "a", 3),
    ]
    assert [e.position for e in await log.read_all(1, 2)] == [2, 3]
    assert [e.version for e in await log.read_stream("a", after_version=1)] == [2, 3]
    assert await log.head() == 4


async def test_the_outcome_names_the_commands_stream_and_its_last_event(log: Log) -> None:
    await fill(log, "other", 3)
    one = append(write("a", 0, 2), write("b", 0))
    expected = CommandOutcome(
        one.command_id, accepted=True, stream="a", version=2, position=6, code=None, reason=None, digest=None
    )
    assert await log.append([one]) == [Appended(expected)]
    assert await log.outcome(one.command_id) == expected


async def test_a_command_with_nothing_to_write_has_an_outcome_at_the_head(log: Log) -> None:
    await fill(log, "a", 2)
    (outcome,) = await log.append([Append(uuid4(), Accepted("a"), ())])
    assert (appended(outcome).outcome.version, appended(outcome).outcome.position) == (2, 2)
    assert await log.head() == 2


async def test_a_refusal_is_kept_with_its_reason(log: Log) -> None:
    verdict = Rejected("publisher/p", "app_busy", "The app is being migrated.")
    one = Append(uuid4(), verdict, (write("publisher/p"),))
    await log.append([one])
    assert await log.outcome(one.command_id) == CommandOutcome(
        one.command_id,
        accepted=False,
        stream="publisher/p",
        version=1,
        position=1,
        code="app_busy",
        reason="The app is being migrated.",
        digest=None,
    )


async def test_another_command_under_a_used_id_is_told_apart_by_its_digest(log: Log) -> None:
    first = Append(uuid4(), Accepted("a"), (write("a"),), digest=b"first")
    (outcome,) = await log.append([first])
    kept = appended(outcome).outcome
    other = replace(first, writes=(write("a"),), digest=b"other")
    assert await log.append([first, other]) == [Duplicate(kept), IdReused()]
    either = [replace(first, digest=None), append(write("a"), command_id=first.command_id)]
    assert await log.append(either) == [Duplicate(kept), Duplicate(kept)]
    fresh = Append(uuid4(), Accepted("a"), (), digest=b"one")
    assert (await log.append([fresh, replace(fresh, digest=b"two")]))[1] == IdReused()


@pytest.mark.parametrize(("expected", "actual"), [(0, 2), (1, 2), (3, 2)])
async def test_a_stream_that_moved_on_is_a_conflict(log: Log, expected: int, actual: int) -> None:
    await fill(log, "a", 2)
    one = append(write("b", 0), write("a", expected))
    assert await log.append([one]) == [VersionConflict("a", expected, actual)]
    assert (await log.head(), await log.outcome(one.command_id)) == (2, None)


async def test_only_the_conflicting_command_of_a_group_is_left_out(log: Log) -> None:
    first, late, any_version = append(write("a", 0)), append(write("a", 0)), append(write("a"))
    outcomes = await log.append([first, late, any_version])
    assert outcomes[1] == VersionConflict("a", 0, 1)
    assert [appended(outcomes[i]).outcome.version for i in (0, 2)] == [1, 2]
    assert await log.head() == 2


async def test_a_command_may_write_a_stream_twice(log: Log) -> None:
    (outcome,) = await log.append([append(write("a", 0), write("a", 1))])
    assert appended(outcome).outcome.version == 2


async def test_a_conflict_can_be_decided_again_under_the_same_id(log: Log) -> None:
    await fill(log, "a", 1)
    command_id = uuid4()
    assert await log.append([append(write("a", 0), command_id=command_id)]) == [VersionConflict("a", 0, 1)]
    (outcome,) = await log.append([append(write("a", 1), command_id=command_id)])
    assert appended(outcome).outcome.version == 2


async def test_a_command_that_comes_again_gets_its_first_outcome(log: Log) -> None:
    one = append(write("a", 0))
    (first,) = await log.append([one])
    again = append(write("b", 0), command_id=one.command_id)
    assert await log.append([again, again]) == [Duplicate(appended(first).outcome)] * 2
    assert await log.head() == 1


async def test_a_command_twice_in_one_group_is_written_once(log: Log) -> None:
    one = append(write("a"))
    first, second = await log.append([one, one])
    assert second == Duplicate(appended(first).outcome)
    assert await log.head() == 1


async def test_an_event_id_is_used_once(log: Log) -> None:
    taken = event()
    await log.append([append(StreamWrite("a", 0, (taken,)))])
    with pytest.raises(EventIdTakenError, match="events_id_key"):
        await log.append([append(write("b")), append(StreamWrite("a", 1, (taken,)))])
    assert await log.head() == 1


async def test_time_never_runs_backwards(log: Log, pool: asyncpg.Pool) -> None:
    await fill(log, "a", 1)
    await pool.execute("ALTER TABLE events DISABLE TRIGGER USER")
    await pool.execute("UPDATE events SET recorded_at = now() + interval '1 hour'")  # the clock was wrong
    await fill(log, "a", 1)
    first, second = await log.read_all(0, 10)
    assert second.recorded_at >= first.recorded_at


@pytest.mark.parametrize("stream", ["", "with \x00", "x" * 501, "\ud800"])
def test_what_the_database_would_refuse_is_refused_before_it_joins_a_group(stream: str) -> None:
    with pytest.raises(ValidationError):
        write(stream)


async def test_somebody_who_bypasses_the_lane_costs_a_second_attempt(log: Log, pool: asyncpg.Pool) -> None:
    copy = (
        "INSERT INTO events"
        " SELECT 2, 'a', 2, $1, type, schema_version, data, metadata, now(), hash FROM events"
    )
    await fill(log, "a", 1)
    async with pool.acquire() as intruder:
        transaction = intruder.transaction()
        await transaction.start()
        await intruder.execute(copy, uuid4())
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(fill, log, "a", 1)
            await until(pool, WAITING)
            await transaction.commit()
    assert [e.version for e in await log.read_stream("a")] == [1, 2, 3]


async def test_a_database_that_is_away_is_an_error_that_says_so(log: Log) -> None:
    async with connect("postgresql://nobody:nothing@127.0.0.1:1/none", "tests") as nowhere:
        with pytest.raises(LogUnavailableError, match="ConnectionRefusedError"):
            await Log(nowhere).append([append(write("a"))])
        with pytest.raises(LogUnavailableError):
            await Log(nowhere).head()
