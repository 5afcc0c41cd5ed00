"""Where an app's log is read."""

from fastapi import APIRouter
from typing_extensions import TypedDict

from services.region.api import objects, shapes
from services.region.api.answers import address
from services.region.api.dependencies import Reader, ThisRegion, VisibleApp

read = APIRouter()


class LogsBody(TypedDict):
    """Where to read the log of which app."""

    logs_url: str
    app: objects.App


@read.get("/apps/{app}/logs")
async def show(app: VisibleApp, region: ThisRegion, caller: Reader) -> LogsBody:
    """Return a link to the app's log."""
    url = region.links.sign(address(region, caller), "GET", "logs", app.id)
    return {"logs_url": url, "app": shapes.app(app, region.settings)}
