"""An abort, at any boundary of any task, leaves the source as it was and nothing in the destination.

Each migration is aborted, and its source, item by item, and all that the destination stands on are compared
with what they were before. So the same app can be migrated again and again.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pytest

from events.vocabulary import Step
from tests.migrating import source_apps
from tests.migrating.driver import EVERY_STEP, Workplace
from tests.migrating.trial import DESTINATION, Trial, trial
from tests.region.harness import Place
from tests.workers.owner import Owner

pytestmark = pytest.mark.anyio

WITHOUT_DATA = (Step.PREFLIGHT, Step.PREPARE, Step.FINALIZE)


@pytest.fixture(scope="module")
async def rich(workplace: Workplace, places: Mapping[str, Place], folder: Path) -> AsyncIterator[Trial]:
    """An app that runs, and has everything."""
    async with trial(source_apps.running_with_everything, "rich", workplace, places, folder) as made:
        yield made


@pytest.mark.parametrize(
    ("step", "steps"),
    [
        (Step.PREPARE, EVERY_STEP),  # the step before it changes nothing
        (Step.DATA, EVERY_STEP),
        (Step.FINALIZE, WITHOUT_DATA),
    ],
)
async def test_after_each_task_of_a_step(rich: Trial, step: Step, steps: Sequence[Step]) -> None:
    """Others may have been asked for, and not been begun. The last task of all makes the migration done."""
    tasks, left = 0, 1
    while left:
        tasks += 1
        migration = rich.migration(steps)
        await migration.start(step)
        await migration.advance(tasks)
        left = migration.remaining - (step is Step.FINALIZE)
        await rich.undo(migration, f"after {tasks} tasks of {step}, {left} left")
    await rich.compare_shown()


@pytest.mark.parametrize("name", ["freeze-source", "copy-notifiers", "stop-source"])
async def test_after_a_task_that_was_done_and_not_reported(rich: Trial, name: str) -> None:
    migration = rich.migration()
    await migration.do_unheard(await migration.come_to(name))
    await rich.undo(migration, f"when {name} was done, and not reported")


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("import-build", EVERY_STEP),
        ("provision-addon", EVERY_STEP),
        ("restore-database", EVERY_STEP),
        ("start-new-app", WITHOUT_DATA),
    ],
)
async def test_while_a_region_is_at_work(rich: Trial, name: str, steps: Sequence[Step]) -> None:
    migration = rich.migration(steps)
    await migration.begin(await migration.come_to(name))
    await rich.undo(migration, f"when {name} had begun")


async def test_what_the_owner_has_added_to_the_new_app_goes_too(
    rich: Trial, places: Mapping[str, Place]
) -> None:
    migration = rich.migration(WITHOUT_DATA)
    await migration.start(Step.FINALIZE)
    async with places[DESTINATION].user("ada") as ada:
        await Owner(ada).add("postgresql", "postgresql-starter-512", rich.new_name)
        await Owner(ada).set(rich.new_name, MINE="too")
    await migration.advance()
    await rich.undo(migration, "after its owner had changed the new app")


async def test_an_abort_that_is_asked_for_and_delivered_again_and_again(rich: Trial) -> None:
    """The traffic was redirected already; and the messages of an abort may come when it is long over."""
    migration = rich.migration()
    await migration.do_unheard(await migration.come_to("hand-over"))
    migration.abort()
    done = []
    while migration.state.under_way:
        assert migration.abort() == []
        done.append(migration.next_task())
        await migration.begin(done[-1])
        await migration.succeed(done[-1])
        await migration.deliver(done[-1])
    assert len(done) == 7
    await rich.compare(migration, "again and again")

    later = rich.migration()
    await later.come_to("copy-limits")
    for task in done:
        await migration.deliver(task)
    await later.advance()
    assert set(migration.refused) == {"superseded"}
    assert (await rich.home.snapshot())["app"]["status"] == "migrating"
    await rich.undo(later, "after an earlier abort's tasks had come once more")


@pytest.fixture(scope="module", params=[source_apps.stopped, source_apps.new])
async def idle(
    request: pytest.FixtureRequest, workplace: Workplace, places: Mapping[str, Place], folder: Path
) -> AsyncIterator[Trial]:
    """An app that is stopped, or was never deployed."""
    async with trial(request.param, request.param.__name__, workplace, places, folder) as made:
        yield made


@pytest.mark.parametrize("name", ["create-app", "start-new-app", "hand-over"])
async def test_an_app_that_does_not_run(idle: Trial, name: str) -> None:
    migration = idle.migration()
    await migration.do_unheard(await migration.come_to(name))
    await idle.undo(migration, f"when {name} was done, and not reported")
    await idle.compare_shown()
