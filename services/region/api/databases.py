"""The database API: an addon's backups and what it is."""

# ruff: noqa: FAST003 - dependencies read the path

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from typing_extensions import TypedDict

from services.region.api import objects, shapes
from services.region.api.access import AddonHolder
from services.region.api.answers import address, existing
from services.region.api.calls import DatabaseRoute
from services.region.api.dependencies import (
    Database,
    DatabaseReader,
    MutableDatabase,
    ThisCall,
    ThisEngine,
    ThisRegion,
)
from services.region.api.errors import missing, refused
from services.region.ids import new_id
from services.region.operations.engine import Engine
from services.region.region import Region
from services.region.state import apps, backups
from services.region.state.addons import Addon, Status
from services.region.state.backups import Backup

read = APIRouter()
change = APIRouter(route_class=DatabaseRoute)

_STATUS: Mapping[Status, Literal["creating", "running"]] = {"provisioning": "creating", "running": "running"}


class MaintenanceWindow(TypedDict):
    """When the database may be worked on."""

    weekday_utc: int
    starting_hour_utc: int
    duration_in_hour: int


class DatabaseInfo(TypedDict):
    """What a database is."""

    id: str
    created_at: datetime
    resource_id: str
    app_id: str
    type_name: str
    version: str
    readable_version: str
    status: Literal["creating", "running"]
    plan: str
    features: list[str]
    instances: list[str]
    periodic_backups_enabled: bool
    periodic_backups_scheduled_at: list[int]
    maintenance_window: MaintenanceWindow


class DatabaseBody(TypedDict):
    """One, wrapped as clients read it."""

    database: DatabaseInfo


class BackupsBody(TypedDict):
    """All of them, wrapped as clients read them."""

    database_backups: list[objects.Backup]


class BackupBody(TypedDict):
    """One, wrapped as clients read it."""

    database_backup: objects.Backup


class ArchiveBody(TypedDict):
    """Where to read a backup."""

    download_url: str


@read.get("/databases/{database}")
async def info(addon: Database) -> DatabaseBody:
    """Say what the database is."""
    return {
        "database": {
            "id": addon.id,
            "created_at": addon.provisioned_at,
            "resource_id": addon.resource_id,
            "app_id": addon.app_id,
            "type_name": addon.provider_id,
            "version": addon.version,
            "readable_version": addon.version,
            "status": _STATUS[addon.status],
            "plan": addon.plan_id,
            "features": [],
            "instances": [],
            "periodic_backups_enabled": False,
            "periodic_backups_scheduled_at": [],
            "maintenance_window": {"weekday_utc": 0, "starting_hour_utc": 0, "duration_in_hour": 8},
        }
    }


@read.get("/databases/{database}/backups")
async def index(addon: Database, region: ThisRegion, engine: ThisEngine) -> BackupsBody:
    """List the backups, newest first."""
    found = await backups.every(region.pool, addon.id)
    return {"database_backups": [_shape(each, engine) for each in found]}


@read.get("/databases/{database}/backups/{backup}")
async def show(addon: Database, backup: str, region: ThisRegion, engine: ThisEngine) -> BackupBody:
    """Look at a backup."""
    return {"database_backup": _shape(await _found(addon, backup, region), engine)}


@read.get("/databases/{database}/backups/{backup}/archive")
async def archive(addon: Database, backup: str, region: ThisRegion, caller: DatabaseReader) -> ArchiveBody:
    """Return a link to a backup that is done."""
    found = await _found(addon, backup, region)
    if found.status != "done":
        raise missing("archive")
    return {"download_url": region.links.sign(address(region, caller), "GET", "backups", found.id)}


@read.get("/backups/{backup}")
async def show_own(backup: str, region: ThisRegion, engine: ThisEngine, caller: DatabaseReader) -> BackupBody:
    """Look at a backup of the addon that the token is for: so clients wait for one to be done."""
    if not isinstance(caller, AddonHolder):
        raise refused(403, "addon_token_only", "name the database, or bring its addon's token")
    found = existing(await backups.find(region.pool, caller.addon_id, backup), "database_backup")
    return {"database_backup": _shape(found, engine)}


@change.post("/databases/{database}/backups", status_code=201, response_model=BackupBody)
async def create(addon: MutableDatabase, call: ThisCall) -> Response:
    """Start a backup."""
    app = await apps.find(call.connection, addon.app_id)
    assert app
    backup_id = new_id()
    arguments = {"addon_id": addon.id, "backup_id": backup_id}
    operation = await call.start(app, "backup", arguments, lane=addon.id)
    await backups.insert(call.connection, backup_id, addon.id, operation.id)
    started = await backups.find(call.connection, addon.id, backup_id)
    assert started
    return JSONResponse(jsonable_encoder({"database_backup": shapes.backup(started)}), 201)


def _shape(backup: Backup, engine: Engine) -> objects.Backup:
    return shapes.backup(backup, engine.progress(backup.operation_id))


async def _found(addon: Addon, backup_id: str, region: Region) -> Backup:
    return existing(await backups.find(region.pool, addon.id, backup_id), "database_backup")
