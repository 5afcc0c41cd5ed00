"""The migration commands: sequences of requests that rely on when, and in which order, things are told."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import anyio

from tests.contract.client import apps
from tests.contract.client.golang import Id, Struct, Time
from tests.contract.client.shapes import App, Domain
from tests.contract.client.wire import CREATED, NO_CONTENT, Api, read

PATIENCE = 90  # seconds for a step
SECOND = 1.0  # between two looks at a migration

Status = Literal[
    "created",
    "preflight-success",
    "preflight-error",
    "running",
    "prepared",
    "data-migrated",
    "aborting",
    "aborted",
    "error",
    "done",
]
Step = Literal["preflight", "prepare", "data", "finalize", "abort"]

# Where the client stops to look, beside `error` and `done`.
EXPECTED: Mapping[Step, tuple[Status, ...]] = {
    "preflight": ("preflight-success", "preflight-error"),
    "prepare": ("prepared",),
    "data": ("data-migrated",),
    "finalize": (),
    "abort": ("aborted",),
}


class WireStep(Struct):
    id: Id
    name: Id
    status: Literal["running", "done", "error"]
    logs: str


class Migration(Struct):
    id: Id
    src_app_name: Id
    dst_app_name: Id
    app_id: Id
    new_app_id: str
    source: Id
    destination: Id
    status: Status
    started_at: Time
    finished_at: Time | None
    steps: list[WireStep]


@dataclass(frozen=True)
class Watched:
    """A migration when a command stopped to look, and what the command did not hide."""

    migration: Migration
    hidden: Collection[str]
    at_once: Status  # what the first look showed

    @property
    def steps(self) -> list[WireStep]:
        return [step for step in self.migration.steps if step.id not in self.hidden]

    @property
    def failures(self) -> list[str]:
        """The lines that the client prints of all that has failed, newest first."""
        failed = [step for step in self.migration.steps if step.status == "error"]
        return [f"- Step {step.name} failed: {step.logs}" for step in reversed(failed)]


async def migration_create(region: Api, app: str, destination: str, new_name: str = "") -> Watched:
    """`migration-create`: creates, and runs the preflight."""
    body = {"migration": {"destination": destination, "dst_app_name": new_name}}
    answer = await region.send("POST", _path(app), body, expected=(CREATED,))
    created = read(answer, Migration)
    return await run_step(region, app, created, "preflight")


async def migration_run(region: Api, app: str, migration: str, step: Step) -> Watched:
    """`migration-run` and `migration-abort`: what stood there before is not shown again."""
    return await run_step(region, app, await migration_shown(region, app, migration), step)


async def migration_follow(region: Api, app: str, migration: str) -> Watched:
    """`migration-follow`: waits for the end, or a failure."""
    return await _watched(region, app, migration, (), ())


async def migrations(region: Api, app: str) -> list[Migration]:
    return await region.get(_path(app), list[Migration])


async def migration_shown(region: Api, app: str, migration: str) -> Migration:
    found = await region.get(f"{_path(app)}/{migration}", Migration)
    ids = [step.id for step in found.steps]
    assert len(ids) == len(set(ids)), "a step's id came twice"
    return found


async def migrated_to(destination: Api, app: str) -> tuple[App, list[Domain]]:
    """Ask the destination for the new app, as the client does when a migration is done.

    It asks for what was typed; where the new app has another name it says less, after a 404.
    """
    return await apps.apps_info(destination, app), await apps.domains(destination, app)


async def run_step(region: Api, app: str, before: Migration, step: Step) -> Watched:
    """Run a step, and look until it has ended."""
    hidden = {each.id for each in before.steps}
    path = f"{_path(app)}/{before.id}/run"
    await region.send("POST", path, {"step": step}, expected=(NO_CONTENT,))
    return await _watched(region, app, before.id, EXPECTED[step], hidden)


async def _watched(
    region: Api, app: str, migration: str, expected: Collection[Status], hidden: Collection[str]
) -> Watched:
    """Look every second. A look that shows a stale `error` or `done` ends the command: none may be stale."""
    found = await migration_shown(region, app, migration)
    at_once = found.status
    with anyio.fail_after(PATIENCE):
        while found.status not in ("error", "done", *expected):
            await anyio.sleep(SECOND)
            found = await migration_shown(region, app, migration)
    return Watched(found, hidden, at_once)


def _path(app: str) -> str:
    return f"/apps/{app}/region_migrations"
