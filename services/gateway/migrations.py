"""The migrations of an app: opened and driven by commands, read from the status projection."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends
from pydantic import ValidationError

from events.commands import AbortMigration, CreateMigration, RunStep
from events.vocabulary import AppRef, Step
from projections.evidence import Evidence, evidence
from projections.status import MigrationStatus
from services.gateway.apps import ResolvedApp
from services.gateway.bodies import SmallBodyRoute
from services.gateway.errors import ApiError, invalid, not_found
from services.gateway.orders import Orders
from services.gateway.state import GatewayState
from services.gateway.wire import NewMigration, NewMigrationBody, RunBody, WireMigration, WireTasks

of_app = APIRouter(prefix="/{region}/v1/apps/{app}/region_migrations", route_class=SmallBodyRoute)
one = APIRouter(prefix=of_app.prefix + "/{migration_id}", route_class=SmallBodyRoute)

# What to say of a destination's region or app that cannot be one: which field of the body, and its rule.
MALFORMED: Mapping[str | int, tuple[str, str]] = {
    "region": ("destination", "A region's name has lower-case letters, digits and dashes only."),
    "app": ("dst_app_name", "2 to 48 lower-case letters, digits and dashes, without a dash at either end."),
}


async def migration_of_app(
    region: str, app: ResolvedApp, migration_id: str, state: GatewayState
) -> MigrationStatus:
    """Return the migration that the path names, if it is one of this app in this region; else 404."""
    found = await state.reads.migration(_uuid(migration_id))
    if found is None or found.source != AppRef(region=region, app=app.name):
        raise _no_migration(migration_id)
    return found


NamedMigration = Annotated[MigrationStatus, Depends(migration_of_app)]


@of_app.post("", status_code=201)
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
async def list_of_app(region: str, app: ResolvedApp, state: GatewayState) -> list[WireMigration]:
    """List the app's migrations, the newest first."""
    found = await state.reads.migrations(region, app.name)
    return [WireMigration.of(migration, app.id) for migration in found]


@one.get("")
async def show(app: ResolvedApp, migration: NamedMigration) -> WireMigration:
    """Show a migration with the tasks that were started."""
    return WireMigration.of(migration, app.id)


@one.get("/tasks")
async def show_tasks(app: ResolvedApp, migration: NamedMigration, state: GatewayState) -> WireTasks:
    """Show a migration with everything known of every task; an extension that our own CLI uses."""
    return WireTasks.of(migration, app.id, state.progress)


@one.get("/evidence")
async def show_evidence(migration: NamedMigration, state: GatewayState) -> Evidence:
    """Show what the log tells: who did what, when, and both sides' digests of each item; an extension."""
    return evidence(await state.reads.history(migration.id))


@one.post("/run", status_code=204)
async def run(migration: NamedMigration, orders: Orders, body: RunBody) -> None:
    """Start a step. The migration's status has changed before the answer is sent."""
    if body.step is Step.ABORT:
        await orders.carry_out(AbortMigration(migration_id=migration.id))
    else:
        await orders.carry_out(RunStep(migration_id=migration.id, step=body.step))


def destination_of(wanted: NewMigration, source: AppRef) -> AppRef:
    """Return where to; raises ApiError (422) for what cannot be a region or an app."""
    # Whether there is such a region is decided, and recorded, with the command.
    try:
        return AppRef(region=wanted.destination, app=wanted.dst_app_name or source.app)
    except ValidationError as error:
        raise invalid(*MALFORMED[error.errors()[0]["loc"][0]]) from None


def _uuid(migration_id: str) -> UUID:
    try:
        return UUID(migration_id)
    except ValueError:
        raise _no_migration(migration_id) from None


def _no_migration(migration_id: str) -> ApiError:
    return not_found("migration", f"This app has no migration {migration_id}; list its migrations.")
