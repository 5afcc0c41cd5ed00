"""Rows: the migrations of an app, typed as commands; and what the client relies on."""

from collections.abc import Mapping
from dataclasses import dataclass

import anyio
import pytest

from tests.contract.client import apps, migrations, resources, timeline
from tests.contract.client.migrations import Migration, Watched
from tests.contract.client.refusals import RefusedError
from tests.contract.client.shapes import App
from tests.contract.client.wire import Api
from tests.end_to_end.world import DESTINATION, SOURCE

pytestmark = pytest.mark.anyio

MOVED, RENAMED, ABORTED, FAILED, REFUSED = (
    f"contract-{name}" for name in ("moved", "renamed", "aborted", "failed", "refused")
)

ROUTES: Mapping[str, tuple[migrations.Step, ...]] = {
    MOVED: ("prepare", "data", "finalize"),
    RENAMED: ("prepare", "finalize"),
    ABORTED: ("prepare", "abort"),
    FAILED: ("prepare", "abort"),
}


@dataclass(frozen=True)
class Journey:
    """An app that was migrated, and what each command saw."""

    app: App
    seen: Mapping[str, Watched]

    @property
    def last(self) -> Migration:
        return list(self.seen.values())[-1].migration


@pytest.fixture(scope="module")
async def journeys(source: Api, destination: Api) -> Mapping[str, Journey]:
    """Migrate four apps side by side: most of the time goes by between two looks."""
    found: dict[str, Journey] = {}
    async with anyio.create_task_group() as group:
        for name, steps in ROUTES.items():
            group.start_soon(_travel, source, destination, name, steps, found)
    return found


async def _travel(
    source: Api, destination: Api, name: str, steps: tuple[migrations.Step, ...], found: dict[str, Journey]
) -> None:
    app = await apps.create(source, name)
    await apps.env_set(source, name, {"MODE": "as before"})
    await apps.domains_add(source, name, f"{name}.example.com")
    new_name = f"{name}-there" if name == RENAMED else ""
    seen = {"create": await migrations.migration_create(source, name, DESTINATION, new_name)}
    if name == FAILED:
        await apps.create(destination, name)  # the name is taken meanwhile
    for step in steps:
        seen[step] = await migrations.migration_run(source, name, seen["create"].migration.id, step)
    found[name] = Journey(app, seen)


async def test_create(journeys: Mapping[str, Journey]) -> None:
    for name, journey in journeys.items():
        created = journey.seen["create"]
        assert created.migration.status == "preflight-success", created.failures
        assert created.migration.src_app_name == name
        assert (created.migration.source, created.migration.destination) == (SOURCE, DESTINATION)
        assert (created.migration.app_id, created.migration.finished_at) == (journey.app.id, None)
        assert {step.status for step in created.steps} == {"done"}
        assert {
            "Check addon versions",
            "Check certificate validity",
            "Check addons compatibility",
            "Preflight checks",
        } <= {step.name for step in created.steps}


async def test_the_status_has_changed_before_the_answer(journeys: Mapping[str, Journey]) -> None:
    for journey in journeys.values():
        before = "created"
        for step, watched in journey.seen.items():
            assert watched.at_once != before, step
            before = watched.migration.status
    assert journeys[FAILED].seen["abort"].at_once in ("aborting", "aborted")  # never the stale error


async def test_run_shows_the_steps_of_its_own_only(journeys: Mapping[str, Journey]) -> None:
    for journey in journeys.values():
        shown = [{step.id for step in watched.steps} for watched in journey.seen.values()]
        assert all(shown)
        assert sum(map(len, shown)) == len(set().union(*shown)) == len(journey.last.steps)


async def test_finalize_from_both_states(
    journeys: Mapping[str, Journey], source: Api, destination: Api
) -> None:
    for name, new_name, before in (
        (MOVED, MOVED, journeys[MOVED].seen["data"].migration.status),
        (RENAMED, f"{RENAMED}-there", journeys[RENAMED].seen["prepare"].migration.status),
    ):
        done = journeys[name].last
        assert before == ("data-migrated" if name == MOVED else "prepared")
        assert (done.status, bool(done.finished_at)) == ("done", True), (
            journeys[name].seen["finalize"].failures
        )
        app, domains = await migrations.migrated_to(destination, new_name)
        assert (app.name, app.id, app.region) == (new_name, done.new_app_id, DESTINATION)
        assert [domain.name for domain in domains] == [f"{name}.example.com"]
        assert (await apps.env(destination, new_name))["MODE"] == "as before"
        assert (await apps.apps_info(source, name)).status == "migrated"
    with pytest.raises(RefusedError) as renamed:
        await migrations.migrated_to(destination, RENAMED)
    assert (renamed.value.status, renamed.value.resource) == (404, "app")


async def test_an_abort_gives_the_app_back(
    journeys: Mapping[str, Journey], source: Api, destination: Api
) -> None:
    for name in (ABORTED, FAILED):
        aborted = journeys[name].seen["abort"]
        assert aborted.migration.status == "aborted", aborted.failures
        assert (await apps.apps_info(source, name)).status == "new"
        await apps.env_set(source, name, {"MODE": "changed again"})
    with pytest.raises(RefusedError):
        await apps.apps_info(destination, ABORTED)
    await apps.destroy(destination, FAILED)  # the one whose name was in the way is still its owner's


async def test_a_failure_says_which_step_failed_and_why(journeys: Mapping[str, Journey]) -> None:
    failed = journeys[FAILED].seen["prepare"]
    assert failed.migration.status == "error"
    assert failed.failures
    assert all(line.partition(" failed: ")[2] for line in failed.failures)


async def test_list_show_and_follow(journeys: Mapping[str, Journey], source: Api) -> None:
    done, app = journeys[MOVED].last, journeys[MOVED].app
    assert await migrations.migrations(source, MOVED) == [done]
    assert await migrations.migrations(source, app.id) == [done]
    assert await migrations.migration_shown(source, app.id, done.id) == done
    assert (await migrations.migration_follow(source, MOVED, done.id)).migration == done


async def test_an_app_in_a_migration_is_frozen(source: Api, destination: Api) -> None:
    app = await apps.create(source, REFUSED)
    created = (await migrations.migration_create(source, REFUSED, DESTINATION)).migration
    for step in ("data", "finalize", "preflight"):
        with pytest.raises(RefusedError) as wrong:
            await migrations.migration_run(source, REFUSED, created.id, step)
        assert (wrong.value.status, bool(wrong.value.code)) == (400, True)
    with pytest.raises(RefusedError) as second:
        await migrations.migration_create(source, REFUSED, DESTINATION)
    assert second.value.status == 400
    await migrations.migration_run(source, REFUSED, created.id, "prepare")
    assert (await apps.apps_info(source, REFUSED)).status == "migrating"
    for change in (
        apps.env_set(source, REFUSED, {"A": "b"}),
        apps.set_option(source, REFUSED, force_https=True),
        apps.domains_add(source, REFUSED, "frozen.example.com"),
        resources.addons_add(source, REFUSED, "logbook", "logbook-free"),
        resources.collaborators_add(source, REFUSED, "ada@example.com"),
        apps.restart(source, REFUSED),
        apps.destroy(source, REFUSED),
    ):
        with pytest.raises(RefusedError) as frozen:
            await change
        assert (frozen.value.status, bool(frozen.value.code)) == (403, True)
    aborted = await migrations.migration_run(source, REFUSED, created.id, "abort")
    assert (aborted.migration.status, aborted.migration.app_id) == ("aborted", app.id)


async def test_a_failed_preflight_ends_the_command_with_its_reasons(source: Api, destination: Api) -> None:
    name = "contract-taken"
    for region in (source, destination):
        await apps.create(region, name)
    watched = await migrations.migration_create(source, name, DESTINATION)
    assert watched.migration.status == "preflight-error"
    assert any(f"{name} is taken in {DESTINATION}" in line for line in watched.failures)
    with pytest.raises(RefusedError) as refused:
        await migrations.migration_run(source, name, watched.migration.id, "prepare")
    assert refused.value.status == 400
    advised = await migrations.migration_run(source, name, watched.migration.id, "abort")  # by the client
    assert (advised.migration.status, advised.steps) == ("aborted", [])
    for region in (source, destination):
        await apps.destroy(region, name)


async def test_the_timeline_tells_of_a_migration(journeys: Mapping[str, Journey], source: Api) -> None:
    shown = await timeline.timeline(source, RENAMED, page=1, per_page=50)
    (started,) = [event.told for event in shown.events if event.type == "start_region_migration"]
    assert started == timeline.MigrationStarted(
        migration_id=journeys[RENAMED].last.id,
        destination=DESTINATION,
        source=SOURCE,
        dst_app_name=f"{RENAMED}-there",
    )


async def test_what_cannot_be_migrated_is_refused(source: Api, shop: object) -> None:
    path = "/apps/contract-shop/region_migrations"
    for body, field in (
        ({"migration": {"destination": "nowhere-1", "dst_app_name": ""}}, "destination"),
        ({"migration": {"destination": SOURCE, "dst_app_name": ""}}, "destination"),
        ({"migration": {"destination": "", "dst_app_name": ""}}, "destination"),
        ({"migration": {"destination": 1}}, "destination"),
        ({"migration": {"destination": DESTINATION, "dst_app_name": "Not A Name é"}}, "dst_app_name"),
        ({"migration": None}, "migration"),
        ({}, "migration"),
    ):
        with pytest.raises(RefusedError) as refused:
            await source.send("POST", path, body)
        assert (refused.value.status, refused.value.fields) == (422, {field}), body
    for app, migration, resource in (
        ("nothing", "1", "app"),
        ("contract-shop", "nothing", "migration"),
        ("contract-shop", "00000000-0000-4000-8000-000000000000", "migration"),
        ("contract-shop", "%E2%82%AC", "migration"),
    ):
        for method, end in (("GET", ""), ("POST", "/run")):
            with pytest.raises(RefusedError) as missing:
                await source.send(method, f"/apps/{app}/region_migrations/{migration}{end}", {"step": "data"})
            assert (missing.value.status, missing.value.resource) == (404, resource)
