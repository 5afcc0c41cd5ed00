"""The status read model, from real events to the answers people get."""

from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

import anyio
import asyncpg
import pytest

from events.facts import Fact, TaskRequested
from events.status import Status
from events.store import Accepted, Append, Log, Metadata, NewEvent, StreamWrite, connect
from events.store.subscriptions import wait_for
from events.vocabulary import Service, Step, migration_stream
from projections.status import STATUS, MigrationStatus, TaskStatus, queries
from projections.status.fold import status_at
from projections.status.model import TaskState
from projections.upkeep import keep
from tests.migrations.story import ABORT, CREATE, MIGRATION, Story

pytestmark = pytest.mark.anyio


@pytest.fixture
async def connection(installed_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(installed_url)
    yield connection
    await connection.close()


async def appended(pool: asyncpg.Pool, history: Sequence[Fact]) -> None:
    """Append the events, each as its own command would."""
    metadata = Metadata(actor="tests", on_behalf_of="us-1", correlation_id=MIGRATION, causation_id=uuid4())
    for fact in history:
        event = NewEvent.of(fact, id=uuid4(), metadata=metadata)
        write = StreamWrite(fact.stream, None, (event,))
        await Log(pool).append([Append(uuid4(), Accepted(fact.stream), (write,))])


async def project(connection: asyncpg.Connection, url: str, history: Sequence[Fact]) -> MigrationStatus:
    """Append the events, and let the projection follow."""
    async with connect(url, "tests") as pool:
        await appended(pool, history)
        async with anyio.create_task_group() as group:
            group.start_soon(keep, pool, STATUS)
            await wait_for(pool, "status", await Log(pool).head(), timeout_seconds=30)
            group.cancel_scope.cancel()
        folded = status_at(await Log(pool).read_stream(migration_stream(MIGRATION)))
    status = await queries.migration(connection, MIGRATION)
    assert status is not None
    assert status == folded
    return status


async def test_a_finished_migration_shows_its_ids_its_times_and_its_tasks(
    connection: asyncpg.Connection, installed_url: str
) -> None:
    story = Story()
    story.when(CREATE)
    story.run(Step.PREFLIGHT)
    story.work()
    story.run(Step.PREPARE)
    while asked := story.asked():
        story.succeed(asked[0], app_id="new-1")
    story.run(Step.FINALIZE)
    story.work()
    status = await project(connection, installed_url, story.history)
    assert status.status is Status.DONE
    assert (status.app_id, status.new_app_id, status.started_by) == ("app-1", "new-1", "us-1")
    assert status.finished_at is not None
    assert status.version == story.state.version
    assert [task.label for task in status.tasks][:4] == [
        "Check addon versions",
        "Check certificate validity",
        "Check addons compatibility",
        "Check the app's state",
    ]
    assert {task.state for task in status.tasks} == {"done"}


async def test_a_failed_task_tells_its_reason_and_what_never_started_is_not_shown(
    connection: asyncpg.Connection, installed_url: str
) -> None:
    story = Story().through(Step.PREFLIGHT)
    story.run(Step.PREPARE)
    story.succeed(story.asked()[0])
    story.fail(story.asked()[0], "name_taken")
    status = await project(connection, installed_url, story.history)
    assert status.status is Status.ERROR
    prepare = [task for task in status.tasks if task.step is Step.PREPARE]
    assert [(task.name, task.state) for task in prepare] == [
        ("freeze-source", "done"),
        ("create-app", "error"),
    ]
    assert "is taken" in prepare[1].message


async def test_an_abort_shows_what_it_overtook(connection: asyncpg.Connection, installed_url: str) -> None:
    story = Story().through(Step.PREFLIGHT)
    story.run(Step.PREPARE)
    story.when(ABORT)
    status = await project(connection, installed_url, story.history)
    assert status.status is Status.ABORTING
    states = {task.name: task.state for task in status.tasks if task.step is not Step.PREFLIGHT}
    assert states == {
        "freeze-source": "error",
        "fence-source": "running",
        "fence-destination": "running",
        "unfreeze-source": "waiting",
    }


async def test_the_migrations_of_an_app_come_newest_first(
    connection: asyncpg.Connection, installed_url: str
) -> None:
    first, second = Story().through(Step.PREFLIGHT), CREATE.model_copy(update={"migration_id": uuid4()})
    first.when(ABORT)
    first.history += Story().when(second)
    await project(connection, installed_url, first.history)
    found = await queries.migrations(connection, "agora-fr1", "my-app")
    assert [status.id for status in found] == [second.migration_id, MIGRATION]
    assert await queries.migrations(connection, "agora-fr1", "other-app") == []
    assert any(isinstance(fact, TaskRequested) for fact in first.history)


async def test_a_report_that_lacks_the_new_app_s_id_does_not_stop_the_projection(
    connection: asyncpg.Connection, installed_url: str
) -> None:
    story = Story().through(Step.PREFLIGHT, Step.PREPARE)
    status = await project(connection, installed_url, story.history)
    assert (status.status, status.new_app_id) == (Status.PREPARED, "")


async def test_earlier_tasks_tell_how_long_they_took_and_how_much_they_moved(
    connection: asyncpg.Connection, installed_url: str
) -> None:
    story = Story().through(Step.PREFLIGHT, Step.PREPARE)
    story.run(Step.DATA)
    while asked := story.asked():
        backed_up = {"size_bytes": 700, "data_bytes": 7000}
        story.succeed(asked[0], **(backed_up if asked[0].name == "back-up-database" else {}))
    await project(connection, installed_url, story.history)
    names = ("stop-source", "restore-database", "hand-over")
    for region in ("osc-fr1", "third-fr1"):  # between those two nothing has happened: any others tell
        found = await queries.timings(connection, names, "agora-fr1", region)
        assert {(timing.name, timing.size_bytes) for timing in found} == {
            ("stop-source", 0),
            ("restore-database", 7000),
        }
        assert all(timing.seconds > 0 for timing in found)


@pytest.mark.parametrize(
    ("state", "skipped", "step", "shown"),
    [
        ("waiting", False, Step.PREPARE, False),
        ("running", False, Step.PREPARE, True),
        ("done", True, Step.PREPARE, True),
        ("done", False, Step.ABORT, True),
        ("done", True, Step.ABORT, False),
    ],
)
def test_what_had_nothing_to_do_is_told_but_not_of_an_abort(
    state: TaskState, skipped: bool, step: Step, shown: bool
) -> None:
    task = TaskStatus(
        task_id=uuid4(),
        step=step,
        run=1,
        place=0,
        name="copy-alerts",
        item=None,
        label="Copy the alerts",
        service=Service.APPS,
        state=state,
        skipped=skipped,
    )
    assert task.shown is shown
