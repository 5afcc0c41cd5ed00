"""All tasks of a migration, done by real workers between real regions."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from events.inventory import Inventory
from events.vocabulary import AppRef, Service, Step
from local.visiting import visit
from regions.http import HttpRegion
from tests.regions.platform import Place
from tests.workers.conftest import Hire
from tests.workers.desk import DESTINATION, SOURCE, Desk, task
from tests.workers.owner import Owner, owner

pytestmark = pytest.mark.anyio

ROWS = 1000


class Migration:
    """Requests the tasks of one migration, each with the results of the earlier ones."""

    def __init__(self, desk: Desk, app: str) -> None:
        self.desk = desk
        self.id = uuid4()
        self.results: dict[str, dict[str, Any]] = {}
        self.more: dict[str, Any] = {
            "migration_id": self.id,
            "source": AppRef(region=SOURCE, app=app),
            "destination": AppRef(region=DESTINATION, app=f"{app}-new"),
        }

    async def do(self, service: Service, name: str, **more: Any) -> dict[str, Any]:
        """Have a task done; returns its result."""
        requested = task(service, name, **self.more, inputs=self.results, **more)
        await self.desk.request(requested)
        self.results[name] = (await self.desk.success(requested)).result
        return self.results[name]

    async def freeze(self) -> None:
        inventory = (await self.do(Service.APPS, "freeze-source"))["inventory"]
        self.more["inventory"] = Inventory.model_validate(inventory)

    async def undo(self, service: Service, name: str) -> bool:
        """Have a task of the abort done; returns whether there was something to do."""
        requested = task(service, name, **self.more, step=Step.ABORT, epoch=2)
        await self.desk.request(requested)
        return not (await self.desk.success(requested)).skipped


async def source_app(owner: Owner, app: str) -> str:
    """Make an app with everything that is moved; returns its database's id."""
    await owner.create(app)
    addon = await owner.add_database(app)
    address = (await owner.variables(app))["SCALINGO_POSTGRESQL_URL"].partition("@")[2].partition("/")[0]
    await owner.set(app, GREETING="hello", REPORTS_DB=f"jdbc:postgresql://{address}/x", MINE="$GREETING")
    await owner.call("POST", f"/apps/{app}/domains", {"domain": {"name": f"{app}.example.com"}})
    await owner.deploy(app)
    return addon


async def test_an_app_moves_and_comes_back(
    desk: Desk, hire: Hire, places: Mapping[str, Place], known: dict[str, dict[str, str]]
) -> None:
    for service in Service:
        await hire(service, known).start()
    app = f"shop-{uuid4().hex[:8]}"
    migration = Migration(desk, app)
    async with owner(places[SOURCE]) as old, owner(places[DESTINATION]) as new:
        addon = await source_app(old, app)
        await preflight(migration)
        await prepare(migration, new, app)
        await move_data(migration, new, app, addon)
        await finalize(migration, places, app)
        await abort(migration, places, app)

        assert await new.status(f"{app}-new") is None
        assert await old.status(app) == "running"
        region = HttpRegion(DESTINATION, places[DESTINATION].api, places[DESTINATION].credential)
        assert await region.resources(migration.id) == ()
        await region.aclose()


async def preflight(migration: Migration) -> None:
    for service, name in (
        (Service.ADDONS, "check-addon-versions"),
        (Service.ROUTING, "check-certificates"),
        (Service.ADDONS, "check-addon-plans"),
        (Service.APPS, "check-app"),
    ):
        await migration.do(service, name, step=Step.PREFLIGHT)


async def prepare(migration: Migration, new: Owner, app: str) -> None:
    await migration.freeze()
    await migration.do(Service.APPS, "create-app")
    await migration.do(Service.APPS, "import-build")
    await migration.do(Service.APPS, "copy-formation")
    variables = await migration.do(Service.APPS, "copy-variables")
    await migration.do(Service.ROUTING, "copy-domains")

    assert variables == {
        "copied": 3,
        "left_to_addons": ["DATABASE_URL", "SCALINGO_POSTGRESQL_URL"],
        "mention_source": ["REPORTS_DB"],
    }
    copied = await new.variables(f"{app}-new")
    assert (copied["GREETING"], copied["MINE"]) == ("hello", "$GREETING")
    assert migration.results["import-build"]["digest"] == migration.more["inventory"].build.digest
    domains = (await new.call("GET", f"/apps/{app}-new/domains"))["domains"]
    assert [domain["name"] for domain in domains] == [f"{app}.example.com"]


async def move_data(migration: Migration, new: Owner, app: str, addon: str) -> None:
    data = {"step": Step.DATA, "item": addon}
    await migration.do(Service.APPS, "stop-source", step=Step.DATA)
    await migration.do(Service.ADDONS, "provision-addon", **data)
    await migration.do(Service.ADDONS, "back-up-database", **data)
    await migration.do(Service.ADDONS, "restore-database", **data)
    verified = await migration.do(Service.ADDONS, "verify-database", **data)

    assert (verified["tables"], verified["rows"]) == (1, ROWS)
    assert await new.query(f"{app}-new", "SELECT count(*) FROM items") == ROWS


async def finalize(migration: Migration, places: Mapping[str, Place], app: str) -> None:
    await migration.do(Service.APPS, "start-new-app", step=Step.FINALIZE)
    handed = await migration.do(Service.ROUTING, "hand-over", step=Step.FINALIZE)

    assert handed["front"] == places[DESTINATION].front.front_url
    assert handed["host"] == f"{app}-new.{DESTINATION}.localhost"
    assert handed["domains"] == [f"{app}.example.com"]
    assert (await visit(places[SOURCE].front.front_url, f"{app}.{SOURCE}.localhost")).text == "hello\n"


async def abort(migration: Migration, places: Mapping[str, Place], app: str) -> None:
    done = [
        await migration.undo(Service.APPS, "fence-source"),
        await migration.undo(Service.APPS, "fence-destination"),
        await migration.undo(Service.ROUTING, "take-back-traffic"),
        await migration.undo(Service.APPS, "stop-new-app"),
        await migration.undo(Service.APPS, "start-old-app"),
        await migration.undo(Service.APPS, "delete-new-app"),
        await migration.undo(Service.APPS, "unfreeze-source"),
    ]

    assert all(done)
    assert not await migration.undo(Service.APPS, "delete-new-app")
    assert (await visit(places[SOURCE].front.front_url, f"{app}.{SOURCE}.localhost")).text == "hello\n"
