"""Fences, and what a migration has made here."""

import json
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from typing_extensions import TypedDict

from services.region.api.calls import (
    HIGHEST_EPOCH,
    Mandate,
    mandate,
    recall,
    refuse_fenced,
    request_digest,
)
from services.region.api.dependencies import ThisRegion, service_only
from services.region.api.document import MIGRATIONS
from services.region.api.errors import invalid
from services.region.api.fields import Body
from services.region.region import Region
from services.region.state import addons, apps, database, fences, handovers, operations, remembered
from services.region.state.operations import Operation
from services.region.state.remembered import Remembered

router = APIRouter(dependencies=[Depends(service_only)], tags=[MIGRATIONS])


Kind = Literal["app", "addon", "handover"]


class Fence(Body):
    """The epoch below which nothing is done any more."""

    epoch: int = Field(ge=1, le=HIGHEST_EPOCH)


class Fenced(TypedDict):
    """The epoch below which nothing is done any more for a migration."""

    migration_id: str
    epoch: int


class FenceBody(TypedDict):
    """One, wrapped as clients read it."""

    fence: Fenced


class Resource(TypedDict):
    """Something that a migration made here."""

    kind: Kind
    id: str
    app: str
    source_id: str | None


class ResourcesBody(TypedDict):
    """All of them, wrapped as clients read them."""

    resources: list[Resource]


@router.post("/migrations/{migration_id}/fence")
async def fence(migration_id: UUID, body: Fence, request: Request, region: ThisRegion) -> FenceBody:
    """Refuse all lower epochs from now on, and end what they have begun.

    Durable first: a call that was admitted before finds the higher epoch when it is about to commit. Only
    then is it waited for. Asking again does all of it again, in case the process died half way.
    """
    made = mandate(request)
    if (migration_id, body.epoch) != (made.migration_id, made.epoch):
        raise invalid("epoch", "the path and the body must name the migration and the epoch of the headers")
    answer: FenceBody = {"fence": {"migration_id": str(migration_id), "epoch": body.epoch}}
    await _record(region, made, await request_digest(request), answer)
    state = request.app.state
    await state.admissions.drained(migration_id, body.epoch)
    await state.engine.cancel(lambda operation: _is_below(operation, made))
    await operations.fence(region.pool)
    return answer


@router.get("/migrations/{migration_id}/resources")
async def resources(migration_id: UUID, region: ThisRegion) -> ResourcesBody:
    """List what exists here because the migration made it."""
    made_apps = await apps.made_by(region.pool, migration_id)
    made_addons = await addons.made_by(region.pool, migration_id)
    made_handovers = await handovers.made_by(region.pool, migration_id)
    return {
        "resources": [
            *(_resource("app", app.id, app.name, app.source_id) for app in made_apps),
            *(_resource("addon", addon.id, name, addon.source_id) for addon, name in made_addons),
            *(_resource("handover", each.app_id, each.app_name, None) for each in made_handovers),
        ]
    }


async def _record(region: Region, made: Mandate, asked: str, answer: FenceBody) -> None:
    async with database.transaction(region.pool) as connection:
        known = await recall(connection, made, asked)
        await fences.exclude_others(connection, made.migration_id)
        await refuse_fenced(connection, made)
        await fences.record(connection, made.migration_id, made.epoch)
        if not known:
            success = Remembered(asked, 200, json.dumps(answer).encode(), None)
            await remembered.insert(connection, made.migration_id, made.key, success)


def _is_below(operation: Operation, made: Mandate) -> bool:
    return (
        operation.migration_id == made.migration_id
        and operation.epoch is not None
        and operation.epoch < made.epoch
    )


def _resource(kind: Kind, resource_id: str, app: str, source_id: str | None) -> Resource:
    return {"kind": kind, "id": resource_id, "app": app, "source_id": source_id}
