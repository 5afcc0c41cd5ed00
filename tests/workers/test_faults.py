"""Workers that die, regions that are away for a while, aborts that overtake: one effect, and one truth."""

import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest

from events.vocabulary import AppRef, Service, Step
from regions import model
from regions.http import HttpRegion
from regions.port import Grant
from tests.regions.platform import Place
from tests.workers.conftest import Hire
from tests.workers.desk import DESTINATION, SOURCE, Desk, task, until
from tests.workers.gate import Gate, gate
from tests.workers.owner import owner

pytestmark = pytest.mark.anyio

Known = dict[str, dict[str, str]]


@pytest.fixture
async def refs(places: Mapping[str, Place]) -> dict[str, Any]:
    """A source app, and the name of the new one."""
    name = f"app-{uuid4().hex[:8]}"
    async with owner(places[SOURCE]) as user:
        await user.create(name)
    return {
        "migration_id": uuid4(),
        "source": AppRef(region=SOURCE, app=name),
        "destination": AppRef(region=DESTINATION, app=f"{name}-new"),
    }


@asynccontextmanager
async def region(place: Place) -> AsyncIterator[HttpRegion]:
    async with aclosing(HttpRegion(place.name, place.api, place.credential)) as opened:
        yield opened


@pytest.fixture
async def gated(places: Mapping[str, Place], known: Known) -> AsyncIterator[tuple[Gate, Known]]:
    """A gate before the destination, and what a worker is told that goes through it."""
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(gate(places[DESTINATION].port))
        through = {**known[DESTINATION], "api": f"http://127.0.0.1:{opened.port}"}
        yield opened, {**known, DESTINATION: through}


async def test_a_task_that_is_delivered_three_times_has_one_effect(
    desk: Desk, hire: Hire, places: Mapping[str, Place], known: Known, refs: dict[str, Any]
) -> None:
    await hire(Service.APPS, known).start()
    requested = task(Service.APPS, "create-app", **refs)

    await desk.request(requested, times=3)

    await until(lambda: len(desk.reports(requested.task_id)) == 3)
    reports = [envelope for envelope in desk.envelopes if envelope.data["task_id"] == str(requested.task_id)]
    assert len({report.id for report in reports}) == 1, "to the migrations service it is one command"
    assert len({report.data["result"]["app_id"] for report in reports}) == 1
    async with region(places[DESTINATION]) as destination:
        assert len(await destination.resources(requested.migration_id)) == 1


async def test_a_worker_that_is_killed_in_the_middle_is_replaced_by_another(
    desk: Desk, hire: Hire, places: Mapping[str, Place], gated: tuple[Gate, Known], refs: dict[str, Any]
) -> None:
    opened, through = gated
    first = hire(Service.APPS, through)
    await first.start()
    requested = task(Service.APPS, "create-app", **refs)

    opened.pause()
    await desk.request(requested)
    await until(lambda: opened.accepted > 0)
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    await first.wait()
    opened.resume()  # what the first worker had sent may still arrive
    await hire(Service.APPS, through).start()

    report = await desk.success(requested)
    async with region(places[DESTINATION]) as destination:
        made = await destination.resources(requested.migration_id)
        app = await destination.app(requested.destination.app)
    assert [(each.kind, each.app) for each in made] == [("app", requested.destination.app)]
    assert report.result == {"app_id": app.id}


async def test_a_region_that_is_under_repair_is_waited_for(
    desk: Desk, hire: Hire, gated: tuple[Gate, Known], refs: dict[str, Any]
) -> None:
    opened, through = gated
    await hire(Service.APPS, through).start()
    requested = task(Service.APPS, "create-app", **refs)

    opened.shut()
    await desk.request(requested)
    await until(lambda: opened.refused >= 2)
    opened.reopen()

    await desk.success(requested)
    assert len(desk.reports(requested.task_id)) == 1


async def test_an_abort_is_retried_more_often_than_any_other_task(
    desk: Desk, hire: Hire, gated: tuple[Gate, Known], refs: dict[str, Any]
) -> None:
    opened, through = gated
    await hire(Service.APPS, through, STORKY_TASK_ATTEMPTS="1").start()
    requested = task(Service.APPS, "delete-new-app", **refs, step=Step.ABORT, epoch=2)

    opened.shut()
    await desk.request(requested)
    await until(lambda: opened.refused >= 2)
    assert desk.reports(requested.task_id) == []
    opened.reopen()

    assert (await desk.success(requested)).skipped


async def test_a_task_that_an_abort_has_overtaken_does_nothing_and_says_nothing(
    desk: Desk, hire: Hire, places: Mapping[str, Place], known: Known, refs: dict[str, Any]
) -> None:
    await hire(Service.APPS, known, STORKY_TASK_CONCURRENCY="1").start()
    late = task(Service.APPS, "create-app", **refs)
    async with region(places[DESTINATION]) as destination:
        await destination.fence(Grant(late.migration_id, 2, "fence"))
        await desk.request(late)
        after = task(Service.APPS, "delete-new-app", **refs, step=Step.ABORT, epoch=2)
        await desk.request(after)
        await desk.success(after)

        assert await destination.resources(late.migration_id) == ()
    assert desk.reports(late.task_id) == []
    assert await desk.parked() == []


async def test_an_app_that_is_ill_gets_its_owner_back_all_the_same(
    desk: Desk, hire: Hire, places: Mapping[str, Place], known: Known, refs: dict[str, Any]
) -> None:
    app, ill = refs["source"].app, model.Container(name="worker", amount=1, size="S", command="exit 1")
    await hire(Service.APPS, known).start()
    async with owner(places[SOURCE]) as user, region(places[SOURCE]) as source:
        await user.deploy(app)
        frozen = await source.freeze(app, refs["destination"], Grant(refs["migration_id"], 1, "freeze"))
        await source.set_formation(app, [ill], Grant(refs["migration_id"], 1, "formation"))
        undo = {**refs, "inventory": frozen, "step": Step.ABORT, "epoch": 2}

        started, given_back = (
            task(Service.APPS, name, **undo) for name in ("start-old-app", "unfreeze-source")
        )
        await desk.request(started)
        assert (await desk.success(started)).result == {"healthy": False}
        await desk.request(given_back)
        await desk.success(given_back)

        assert await user.status(app) == "running"


async def test_an_abort_that_is_over_does_not_try_for_ever_to_start_what_is_another_migrations(
    desk: Desk, hire: Hire, places: Mapping[str, Place], known: Known, refs: dict[str, Any]
) -> None:
    app = refs["source"].app
    await hire(Service.APPS, known).start()
    async with owner(places[SOURCE]) as user, region(places[SOURCE]) as source:
        await user.deploy(app)
        frozen = await source.freeze(app, refs["destination"], Grant(uuid4(), 1, "freeze"))
        undo = {**refs, "inventory": frozen, "step": Step.ABORT, "epoch": 2}
        late = task(Service.APPS, "start-old-app", **undo)

        await desk.request(late)

        assert (await desk.success(late)).skipped


async def test_whatever_runs_in_the_app_is_waited_for_before_it_is_frozen(
    desk: Desk, hire: Hire, places: Mapping[str, Place], known: Known, refs: dict[str, Any]
) -> None:
    app = refs["source"].app
    slow = "sleep 2; exec python -m http.server --bind 127.0.0.1 $PORT"
    await hire(Service.APPS, known, STORKY_TASK_ATTEMPTS="1").start()
    async with owner(places[SOURCE]) as user:
        await user.deploy(app)
        formation = {"containers": [{"name": "web", "amount": 1, "command": slow}]}
        await user.call("POST", f"/apps/{app}/scale", formation)
        requested = task(Service.APPS, "freeze-source", **refs)

        await desk.request(requested)

        await desk.success(requested)


async def test_an_app_whose_inventory_fits_into_no_message_is_refused_while_it_can_be_undone(
    desk: Desk, hire: Hire, places: Mapping[str, Place], known: Known, refs: dict[str, Any]
) -> None:
    app = refs["source"].app
    await hire(Service.APPS, known).start()
    async with owner(places[SOURCE]) as user:
        await user.set(app, **{f"A_VERY_LONG_NAME_{number:0>100}": "" for number in range(600)})
        frozen = task(Service.APPS, "freeze-source", **refs)
        await desk.request(frozen)
        assert (await desk.failure(frozen)).reasons[0].code == "inventory_too_large"

        given_back = task(Service.APPS, "unfreeze-source", **refs, step=Step.ABORT, epoch=2)
        await desk.request(given_back)
        await desk.success(given_back)

        assert await user.status(app) == "new"
