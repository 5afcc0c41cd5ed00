"""An app moves: with its data, its configuration and its visitors."""

from typing import Any

import asyncpg
import httpx
import pytest

from tests.end_to_end.world import DESTINATION, SOURCE, World
from tests.workers.owner import Owner

pytestmark = pytest.mark.anyio
ALL = ("preflight", "prepare", "data", "finalize")


async def test_the_four_steps_move_the_app_its_rows_and_its_visitors(world: World) -> None:
    await world.deploy_sample("four-steps")
    before = await world.snapshot(SOURCE, "four-steps")
    rows = (await world.visit(SOURCE, "four-steps.example.com", "/rows")).json()
    plan = await _shown(world, f"four-steps/migration_plan?destination={DESTINATION}")
    assert (plan["databases"][0]["size_bytes"] > 0, plan["stop_seconds"] > 0) == (True, True)
    assert "domains" in {each["kind"] for each in plan["copied"] if each["count"]}
    migration = await world.created("four-steps")
    assert await world.through("four-steps", migration, ALL) == "done"

    evidence = await _shown(world, f"four-steps/region_migrations/{migration}/evidence")
    assert (evidence["status"], evidence["downtime"]["seconds"] > 0) == ("done", True)
    copied = {item["task"] for item in evidence["items"] if item["source"] == item["destination"]}
    assert {"copy-variables", "copy-domains", "import-build", "verify-database"} <= copied

    moved = await world.visit(SOURCE, "four-steps.example.com", "/rows")
    assert moved.status_code == httpx.codes.OK  # an answer, never a redirect
    assert moved.json() == rows
    assert (await world.visit(SOURCE, "four-steps.example.com")).json()["region"] == DESTINATION
    assert (await world.visit(SOURCE, "four-steps.agora-fr1.localhost")).json()["region"] == DESTINATION
    assert (await world.visit(DESTINATION, "four-steps.example.com")).json()["region"] == DESTINATION

    after = await world.snapshot(DESTINATION, "four-steps")
    assert after["ps"] == before["ps"]
    assert _formation(after) == _formation(before)
    assert _values(after, "GREETING", "SESSION_SECRET") == _values(before, "GREETING", "SESSION_SECRET")
    old, new = (_values(snapshot, "SCALINGO_POSTGRESQL_URL") for snapshot in (before, after))
    assert old != new

    source = await world.snapshot(SOURCE, "four-steps")
    assert (source["app"]["status"], source["ps"]) == ("migrated", [])
    refused = await world.client.delete(f"/{SOURCE}/v1/apps/four-steps/domains/{_domain(source)}")
    assert (refused.status_code, refused.json()["code"]) == (403, "app_migrated")


async def test_an_app_moves_under_a_new_name_and_without_the_data_step(world: World) -> None:
    await world.deploy("old-name")
    migration = str((await world.create("old-name", new_name="new-name")).json()["id"])
    assert await world.through("old-name", migration, ("preflight", "prepare", "finalize")) == "done"
    assert not await world.exists(DESTINATION, "old-name")
    answer = await world.visit(SOURCE, "old-name.agora-fr1.localhost")
    assert answer.json()["region"] == DESTINATION


async def test_who_leaves_out_the_data_step_adds_addons_by_hand_and_is_told_which_are_missing(
    world: World,
) -> None:
    app = "by-hand"
    async with world.working(SOURCE) as here, world.working(DESTINATION) as there:
        await with_addons(here, app)
        migration = (await world.command(app, "migration-create", "--to", DESTINATION)).field("Migration ID")
        await world.command(app, "migration-run", "--prepare", migration)
        await there.add_database(app)
        await there.set(app, MODE="by hand")
        assert await here.status(app) == "migrating"
        finalized = await world.command(app, "migration-run", "--finalize", migration)
        assert " - Stop your old app" in finalized.lines
        assert "Warning: the old app has addons that the new one lacks: logbook (logbook-free)" in (
            finalized.lines
        )
        assert finalized.field("Status") == "done"
        assert (await there.variables(app))["MODE"] == "by hand"
        assert await there.query(app, "SELECT count(*) FROM items") == 1000


async def test_an_abort_deletes_what_was_added_by_hand(world: World) -> None:
    app = "by-hand-aborted"
    async with world.working(SOURCE) as here, world.working(DESTINATION) as there:
        await with_addons(here, app)
        before = await world.snapshot(SOURCE, app)
        migration = await world.created(app)
        await world.through(app, migration, ("preflight", "prepare"))
        await there.add_database(app)
        url = (await there.variables(app))["SCALINGO_POSTGRESQL_URL"]
        await there.set(app, MODE="by hand")
        await world.start(app, migration, "abort")
        assert await world.rest(app, migration) == "aborted"
        assert await there.status(app) is None
        with pytest.raises(asyncpg.PostgresError):
            await asyncpg.connect(url)
        assert await world.snapshot(SOURCE, app) == before


async def with_addons(here: Owner, app: str) -> None:
    """Make an app without a build, with a database and an addon without data."""
    await here.create(app)
    await here.add_database(app)
    await here.add("logbook", "logbook-free", app)


async def test_a_stopped_app_moves_and_stays_stopped(world: World) -> None:
    await world.deploy("at-rest")
    await world.scale("at-rest", web=0, clock=0)
    assert (await world.snapshot(SOURCE, "at-rest"))["app"]["status"] == "stopped"
    migration = await world.created("at-rest")
    assert await world.through("at-rest", migration, ALL) == "done"
    moved = await world.snapshot(DESTINATION, "at-rest")
    assert (moved["app"]["status"], moved["ps"]) == ("stopped", [])


async def test_an_app_that_was_never_deployed_moves(world: World) -> None:
    await world.client.post(f"/{SOURCE}/v1/apps", json={"app": {"name": "brand-new"}})
    migration = await world.created("brand-new")
    assert await world.through("brand-new", migration, ALL) == "done"
    assert (await world.snapshot(DESTINATION, "brand-new"))["app"]["status"] == "new"


async def test_what_cannot_be_migrated_is_refused_with_its_own_reason(world: World) -> None:
    await world.deploy("refused")
    unknown = await world.create("no-such-app")
    assert (unknown.status_code, unknown.json()["resource"]) == (404, "app")
    nowhere = await world.create("refused", destination="nowhere-1")
    assert nowhere.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    migration = await world.created("refused")
    second = await world.create("refused")
    assert (second.status_code, second.json()["code"]) == (400, "app_in_migration")
    early = await world.run("refused", migration, "data")
    assert (early.status_code, early.json()["code"]) == (400, "wrong_state")


async def test_a_name_taken_in_the_destination_fails_the_preflight_with_a_reason(world: World) -> None:
    await world.client.post(f"/{SOURCE}/v1/apps", json={"app": {"name": "taken-name"}})
    await world.client.post(f"/{DESTINATION}/v1/apps", json={"app": {"name": "taken-name"}})
    migration = await world.created("taken-name")
    assert await world.through("taken-name", migration, ["preflight"]) == "preflight-error"
    steps = (await world.migration("taken-name", migration))["steps"]
    failed = {step["name"]: step["logs"] for step in steps if step["status"] == "error"}
    assert failed.keys() == {"Check the destination", "Preflight checks"}
    assert "taken-name is taken in osc-fr1" in failed["Check the destination"]
    again = await world.create("taken-name", new_name="free-name")
    assert again.status_code == httpx.codes.CREATED  # the failed one holds no name any more


async def _shown(world: World, of_apps: str) -> Any:
    return (await world.client.get(f"/{SOURCE}/v1/apps/{of_apps}")).raise_for_status().json()


def _formation(snapshot: dict[str, dict[str, list[dict[str, object]]]]) -> list[tuple[object, object]]:
    return sorted((c["name"], c["amount"]) for c in snapshot["containers"]["containers"])


def _values(snapshot: dict[str, dict[str, list[dict[str, str]]]], *names: str) -> dict[str, str]:
    found = snapshot["variables?aliases=false"]["variables"]
    return {variable["name"]: variable["value"] for variable in found if variable["name"] in names}


def _domain(snapshot: dict[str, dict[str, list[dict[str, str]]]]) -> str:
    return snapshot["domains"]["domains"][0]["id"]
