"""Operations."""

from fastapi import APIRouter

from services.region.api import objects, shapes
from services.region.api.dependencies import ThisEngine, ThisRegion, VisibleApp
from services.region.api.errors import missing
from services.region.state import operations

read = APIRouter()


@read.get("/apps/{app}/operations/{operation}")
async def show(
    app: VisibleApp, operation: str, region: ThisRegion, engine: ThisEngine
) -> objects.OperationBody:
    """Look at an operation."""
    found = await operations.find(region.pool, app.id, operation)
    if found is None:
        raise missing("operation")
    return {"operation": shapes.operation(found, engine.progress(found.id))}
