"""All tasks of a migration, done by real workers between real regions."""

import json
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any
from uuid import uuid4

import pytest

from events.inventory import Inventory
from events.vocabulary import WORKERS, AppRef, Step
from local.visiting import visit
from regions.http import HttpRegion
from services.migrations.plan import PLAN, TaskSpec
from tests.name_server import name_server
from tests.regions.platform import Place
from tests.workers import whole_app
from tests.workers.conftest import Hire
from tests.workers.desk import DESTINATION, SOURCE, Desk, task
from tests.workers.owner import Owner, owner
from tests.workers.whole_app import WholeApp

pytestmark = pytest.mark.anyio

ROWS = 1000


class Migration:
    """Requests the tasks of one migration in the order of the plan, each with the results that it needs."""

    def __init__(self, desk: Desk, app: str) -> None:
        self.desk = desk
        self.id = uuid4()
        self.results: dict[str, dict[str, Any]] = {}
        self.skipped: set[str] = set()
        self.more: dict[str, Any] = {
            "migration_id": self.id,
            "source": AppRef(region=SOURCE, app=app),
            "destination": AppRef(region=DESTINATION, app=f"{app}-new"),
        }

    async def run(self, step: Step, **more: Any) -> None:
        """Have all tasks of a step done, each once for every addon it is for."""
        for spec in PLAN[step]:
            for addon in spec.items(self.more.get("inventory")):
                await self._do(spec, step, item=addon.id if addon else None, **more)

    async def _do(self, spec: TaskSpec, step: Step, **more: Any) -> None:
        known = {name: self.results[name] for name in spec.needs}
        inputs = {**known, "failed": {"labels": []}} if spec.despite_failures else known
        requested = task(spec.service, spec.name, step=step, inputs=inputs, **self.more, **more)
        await self.desk.request(requested)
        report = await self.desk.success(requested)
        self.results[spec.name] = report.result
        self.skipped -= {spec.name}
        self.skipped |= {spec.name} if report.skipped else set()
        if spec.name == "freeze-source":
            self.more["inventory"] = Inventory.model_validate(report.result["inventory"])


async def test_an_app_moves_and_comes_back(
    desk: Desk, hire: Hire, places: Mapping[str, Place], known: dict[str, dict[str, str]]
) -> None:
    app = f"shop-{uuid4().hex[:8]}"
    zone = {(f"{app}.example.com", "CNAME"): [f"{app}.{SOURCE}.example.net."]}
    async with name_server(zone) as dns, owner(places[SOURCE]) as old, owner(places[DESTINATION]) as new:
        for service in WORKERS:
            await hire(service, known, STORKY_DNS_RESOLVER=dns.address).start()
        whole = await whole_app.make(places[SOURCE], old, app)
        migration = Migration(desk, app)
        await migration.run(Step.PREFLIGHT)
        await migration.run(Step.PREPARE)
        await assert_prepared(migration, whole, new)
        await new.restart(f"{app}-new")  # it may be tried out before its data comes
        await migration.run(Step.DATA)
        assert await new.status(f"{app}-new") == "stopped"
        await assert_moved(migration, whole, new)
        await migration.run(Step.FINALIZE)
        await assert_finalized(migration, places, whole)
        assert migration.skipped == set()
        assert_nothing_told(desk)

        await migration.run(Step.ABORT, epoch=2)
        assert migration.skipped == set()
        assert (await visit(places[SOURCE].front.front_url, whole.uploaded)).text == "hello\n"
        assert await new.status(f"{app}-new") is None
        assert await old.status(app) == "running"
        await assert_nothing_left(migration, places[DESTINATION])


async def assert_prepared(migration: Migration, whole: WholeApp, new: Owner) -> None:
    results, path = migration.results, f"/apps/{whole.name}-new"
    counts = {name: result["copied"] for name, result in results.items() if "copied" in result}
    assert counts == {
        "copy-settings": 4,
        "copy-limits": 1,
        "copy-formation": 1,
        "copy-variables": 3,
        "copy-collaborators": 1,
        "copy-scm-link": 1,
        "copy-domains": 2,
        "copy-notifiers": 1,
        "copy-alerts": 1,
        "copy-log-drains": 1,
        "copy-autoscalers": 1,
    }
    assert results["copy-collaborators"]["pending"] == 1
    assert results["copy-alerts"]["dropped_notifiers"] == 0
    assert results["copy-variables"]["left_to_addons"] == ["DATABASE_URL", "SCALINGO_POSTGRESQL_URL"]
    assert results["copy-variables"]["mention_source"] == ["REPORTS_DB"]
    assert results["import-build"]["digest"] == migration.more["inventory"].build.digest
    copied = await new.variables(f"{whole.name}-new")
    assert (copied["GREETING"], copied["MINE"]) == ("hello", "$GREETING")
    await assert_notified(whole, new, results["copy-notifiers"]["ids"])
    domains = (await new.call("GET", f"{path}/domains"))["domains"]
    assert {each["name"]: each["canonical"] for each in domains} == {
        f"{whole.name}.example.com": False,
        whole.uploaded: True,
    }
    collaborators = (await new.call("GET", f"{path}/collaborators"))["collaborators"]
    assert [(each["email"], each["status"]) for each in collaborators] == [
        ("colleague@example.com", "accepted")
    ]


async def assert_notified(whole: WholeApp, new: Owner, ids: Mapping[str, str]) -> None:
    """The notifier selects the same events by the new region's ids; the alert tells the new notifier."""
    path = f"/apps/{whole.name}-new"
    types = {each["id"]: each["name"] for each in (await new.call("GET", "/event_types"))["event_types"]}
    (notifier,) = (await new.call("GET", f"{path}/notifiers"))["notifiers"]
    (alert,) = (await new.call("GET", f"{path}/alerts"))["alerts"]
    assert sorted(types[each] for each in notifier["selected_event_ids"]) == whole_app.EVENTS
    assert ids == {whole.notifier: notifier["id"]}
    assert alert["notifiers"] == [notifier["id"]]


async def assert_moved(migration: Migration, whole: WholeApp, new: Owner) -> None:
    verified = migration.results["verify-database"]
    assert (verified["tables"], verified["rows"]) == (1, ROWS)
    assert [each["item"] for each in verified["items"]] == ["table public.items"]
    assert await new.query(f"{whole.name}-new", "SELECT count(*) FROM items") == ROWS
    assert migration.results["copy-addon-log-drains"]["copied"] == 1


async def assert_finalized(migration: Migration, places: Mapping[str, Place], whole: WholeApp) -> None:
    app, results = whole.name, migration.results
    host = f"{app}-new.{DESTINATION}.localhost"
    assert results["compare-addons"] == {"missing": []}
    assert [(each["domain"], each["from"], each["to"]) for each in results["look-up-dns"]["records"]] == [
        (f"{app}.example.com", [f"{app}.{SOURCE}.example.net"], [host]),
        (whole.uploaded, [], [host]),
    ]
    handed = results["hand-over"]
    assert (handed["front"], handed["host"]) == (places[DESTINATION].front.front_url, host)
    assert handed["domains"] == [f"{app}.example.com", whole.uploaded]
    assert (await visit(places[SOURCE].front.front_url, whole.uploaded)).text == "hello\n"


def assert_nothing_told(desk: Desk) -> None:
    """No report holds a value, a secret or an address; what was copied has equal digests."""
    reports = [envelope.data for envelope in desk.envelopes]
    told = json.dumps(reports)
    for secret in ("hello", "hunter2", "colleague", "example/shop", "jdbc:", "BEGIN"):
        assert secret not in told
    items = [item for report in reports for item in report["result"].get("items", ())]
    assert len(items) > 15
    assert all(item["source"] == item["destination"] for item in items)


async def assert_nothing_left(migration: Migration, place: Place) -> None:
    async with aclosing(HttpRegion(place.name, place.api, place.credential)) as region:
        assert await region.resources(migration.id) == ()
