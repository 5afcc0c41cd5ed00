"""Where an app's log is read."""

from typing import Any

from fastapi import APIRouter

from services.region.api import shapes
from services.region.api.answers import address
from services.region.api.dependencies import Reader, ThisRegion, VisibleApp

read = APIRouter()


@read.get("/apps/{app}/logs")
async def show(app: VisibleApp, region: ThisRegion, caller: Reader) -> dict[str, Any]:
    """Return a link to the app's log."""
    url = region.links.sign(address(region, caller), "GET", "logs", app.id)
    return {"logs_url": url, "app": shapes.app(app, region.settings)}
