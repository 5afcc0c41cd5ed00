"""The migrations of an app: opened and driven by commands, read from the status projection."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends
from pydantic import ValidationError

from events.commands import AbortMigration, ApproveStep, CreateMigration, RunStep
from events.vocabulary import AppRef, Step
from projections.evidence import Evidence, evidence
from projections.status import MigrationStatus
from services.gateway.apps import ResolvedApp, no_app
from services.gateway.bodies import SmallBodyRoute
from services.gateway.document import errors
from services.gateway.errors import ApiError, invalid, not_found
from services.gateway.orders import Orders
from services.gateway.refusals import recorded
from services.gateway.sight import MigrationViewer
from services.gateway.state import GatewayState
from services.gateway.wire import (
    ApproveBody,
    NewMigration,
    NewMigrationBody,
    RunBody,
    WireMigration,
    WireTasks,
)

of_app = APIRouter(
    prefix="/{region}/v1/apps/{app}/region_migrations", route_class=SmallBodyRoute, responses=errors(403)
)
one = APIRouter(prefix=of_app.prefix + "/{migration_id}", route_class=SmallBodyRoute, responses=errors(403))

# What to say of a destination's region or app that cannot be one: which field of the body, and its rule.
MALFORMED: Mapping[str | int, tuple[str, str]] = {
    "region": ("destination", "A region's name has lower-case letters, digits and dashes only."),
    "app": ("dst_app_name", "2 to 48 lower-case letters, digits and dashes, without a dash at either end."),
}


async def migration_of_app(
    migration_id: str, viewer: MigrationViewer, state: GatewayState
) -> MigrationStatus:
    """Return the migration that the path names; 404 unless it is of this app and shown to the caller."""
    known = _uuid(migration_id)
    found = await state.reads.migration(known) if known else None
    if found and await viewer.sees(found):
        return viewer.shown(found)
    raise _no_migration(migration_id) if viewer.app else no_app(viewer.region)


NamedMigration = Annotated[MigrationStatus, Depends(migration_of_app)]


@of_app.post("", status_code=201, dependencies=[recorded(CreateMigration)])
async def create(
    region: str, app: ResolvedApp, orders: Orders, body: NewMigrationBody, state: GatewayState
) -> WireMigration:
    """Open a migration. Nothing is looked at before its preflight is run."""
    source = AppRef(region=region, app=app.name)
    migration_id = uuid4()
    destination = destination_of(body.migration, source)
    await orders.carry_out(CreateMigration(migration_id=migration_id, source=source, destination=destination))
    created = await state.reads.migration(migration_id)
    assert created is not None, "the projection has reached the position of its creation"
    return WireMigration.of(created, app.id)


@of_app.get("")
async def list_of_app(viewer: MigrationViewer, state: GatewayState) -> list[WireMigration]:
    """List the app's migrations, the newest first."""
    named = await state.reads.migrations(viewer.region, viewer.name)
    found = [viewer.shown(migration) for migration in named if await viewer.sees(migration)]
    if not found and not viewer.app:
        raise no_app(viewer.region)
    return [WireMigration.of(migration, migration.app_id) for migration in found]


@one.get("")
async def show(migration: NamedMigration) -> WireMigration:
    """Show a migration with the tasks that were started."""
    return WireMigration.of(migration, migration.app_id)


@one.get("/tasks")
async def show_tasks(migration: NamedMigration, state: GatewayState) -> WireTasks:
    """Show a migration with everything known of every task; an extension that our own CLI uses."""
    return WireTasks.of(migration, migration.app_id, state.progress)


@one.get("/evidence")
async def show_evidence(migration: NamedMigration, state: GatewayState) -> Evidence:
    """Show what the log tells: who did what, when, and both sides' digests of each item; an extension."""
    return evidence(await state.reads.history(migration.id))


@one.post("/run", status_code=204, dependencies=[recorded(RunStep)])
async def run(migration: NamedMigration, orders: Orders, body: RunBody) -> None:
    """Start a step. The migration's status has changed before the answer is sent."""
    if body.step is Step.ABORT:
        await orders.carry_out(AbortMigration(migration_id=migration.id))
    else:
        await orders.carry_out(RunStep(migration_id=migration.id, step=body.step))


@one.post("/approve", status_code=204, dependencies=[recorded(ApproveStep)])
async def approve(migration: NamedMigration, orders: Orders, body: ApproveBody) -> None:
    """Let a step begin that waits for a second person; an extension."""
    await orders.carry_out(ApproveStep(migration_id=migration.id, step=body.step))


def destination_of(wanted: NewMigration, source: AppRef) -> AppRef:
    """Return where to; raises ApiError (422) for what cannot be a region or an app."""
    # Whether there is such a region is decided, and recorded, with the command.
    try:
        return AppRef(region=wanted.destination, app=wanted.dst_app_name or source.app)
    except ValidationError as error:
        raise invalid(*MALFORMED[error.errors()[0]["loc"][0]]) from None


def _uuid(migration_id: str) -> UUID | None:
    try:
        return UUID(migration_id)
    except ValueError:
        return None


def _no_migration(migration_id: str) -> ApiError:
    return not_found("migration", f"This app has no migration {migration_id}; list its migrations.")
