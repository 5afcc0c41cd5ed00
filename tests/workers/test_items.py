"""Items that do not simply move: refused, dropped, there already, or nothing to move at all."""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from events.commands import ReportTaskSucceeded
from events.failures import messages
from events.vocabulary import WORKERS, AppRef, Service, Step
from regions import model
from regions.http import HttpRegion
from regions.port import Grant
from tests.regions.platform import Place
from tests.workers import whole_app
from tests.workers.conftest import Hire
from tests.workers.desk import DESTINATION, SOURCE, Desk, task
from tests.workers.owner import Owner, owner

pytestmark = pytest.mark.anyio

APPS, ADDONS, ROUTING = Service.APPS, Service.ADDONS, Service.ROUTING
WEB = model.Container(name="web", amount=1, size="S")


@dataclass(frozen=True)
class Move:
    """The tasks of one migration."""

    desk: Desk
    more: Mapping[str, Any]

    async def do(self, service: Service, name: str, **more: Any) -> ReportTaskSucceeded:
        requested = task(service, name, **{**self.more, **more})
        await self.desk.request(requested)
        return await self.desk.success(requested)

    async def fail(self, service: Service, name: str, **more: Any) -> str:
        """Return what the task says; it must fail."""
        requested = task(service, name, **{**self.more, **more})
        await self.desk.request(requested)
        return messages((await self.desk.failure(requested)).reasons)


async def frozen(place: Place, user: Owner, desk: Desk) -> Move:
    """Make an app with a database, a notifier and what refers to them, and begin to move it."""
    app, migration = f"app-{uuid4().hex[:8]}", uuid4()
    await user.create(app)
    await user.add_database(app)
    notifier = await whole_app.add_notifier(user, app)
    async with aclosing(HttpRegion(SOURCE, place.api, place.credential)) as region:
        inventory = await region.freeze(
            app, AppRef(region=DESTINATION, app=app), Grant(migration, 1, "freeze")
        )
        await region.set_formation(app, [WEB], Grant(migration, 1, "formation"))
        alert = model.Alert(id="al-1", container_type="web", metric="cpu", limit=1, notifiers=(notifier,))
        await region.add_alert(app, alert, Grant(migration, 1, "alert"))
    source, destination = AppRef(region=SOURCE, app=app), AppRef(region=DESTINATION, app=f"{app}-new")
    known = {"migration_id": migration, "source": source, "destination": destination, "inventory": inventory}
    return Move(desk, known)


async def test_what_does_not_simply_move(
    desk: Desk, hire: Hire, places: Mapping[str, Place], known: dict[str, dict[str, str]]
) -> None:
    for service in WORKERS:
        await hire(service, known).start()
    async with owner(places[SOURCE]) as old, owner(places[DESTINATION]) as new:
        move = await frozen(places[SOURCE], old, desk)
        await move.do(APPS, "create-app")
        await nothing_to_move(move)
        await an_item_that_the_region_refuses(move)
        await a_notifier_that_is_gone(move)
        await a_step_that_is_run_again(move, new)
        await an_addon_of_the_owners_own(move, new)
        undo = {"step": Step.ABORT, "epoch": 2}
        assert (await move.do(APPS, "stop-new-app", **undo)).skipped, "it never ran"
        assert (await move.do(ROUTING, "take-back-traffic", **undo)).skipped, "it was never handed over"
        assert not (await move.do(APPS, "delete-new-app", **undo)).skipped
        assert await new.status(move.more["destination"].app) is None, "with the addon of its owner's own"


async def nothing_to_move(move: Move) -> None:
    for service, name in [
        (APPS, "copy-limits"),
        (APPS, "copy-scm-link"),
        (APPS, "import-build"),
        (APPS, "copy-collaborators"),
        (APPS, "copy-log-drains"),
        (APPS, "copy-autoscalers"),
        (ROUTING, "copy-domains"),
        (ROUTING, "look-up-dns"),
    ]:
        assert (await move.do(service, name)).skipped, name


async def an_item_that_the_region_refuses(move: Move) -> None:
    """An alert of a process type that is not there yet."""
    text = await move.fail(APPS, "copy-alerts", inputs={"copy-notifiers": {"ids": {}}})
    assert text.startswith("osc-fr1 refused ")
    assert "(alert); it names container_type." in text


async def a_notifier_that_is_gone(move: Move) -> None:
    await move.do(APPS, "copy-formation")
    result = (await move.do(APPS, "copy-alerts", inputs={"copy-notifiers": {"ids": {}}})).result
    assert (result["copied"], result["dropped_notifiers"]) == (1, 1)


async def a_step_that_is_run_again(move: Move, new: Owner) -> None:
    first = await move.do(APPS, "copy-notifiers")
    again = await move.do(APPS, "copy-notifiers")
    assert again.result == first.result
    path = f"/apps/{move.more['destination'].app}/notifiers"
    assert len((await new.call("GET", path))["notifiers"]) == 1


async def an_addon_of_the_owners_own(move: Move, new: Owner) -> None:
    missing = (await move.do(ADDONS, "compare-addons")).result["missing"]
    assert missing == [{"provider": "postgresql", "plan": "postgresql-starter-512"}]
    (addon,) = move.more["inventory"].addons

    own = await new.add("postgresql", "postgresql-starter-1024", move.more["destination"].app)

    text = await move.fail(ADDONS, "provision-addon", step=Step.DATA, item=addon.id)
    assert text.startswith("The new app has an addon of postgresql in osc-fr1 already")
    made = {"provision-addon": {"addon_id": own}}
    text = await move.fail(ADDONS, "verify-database", step=Step.DATA, item=addon.id, inputs=made)
    assert "the table public.items differs: 1000 rows at the source, none at the destination" in text
    assert (await move.do(ADDONS, "compare-addons")).result["missing"] == []
