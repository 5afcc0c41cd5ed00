"""The limits that the platform sets for one app."""

from fastapi import APIRouter
from pydantic import Field

from services.region.api import objects, shapes
from services.region.api.calls import MutatingRoute
from services.region.api.dependencies import MutableApp, ThisCall
from services.region.api.errors import refused
from services.region.api.fields import Body
from services.region.state import apps

LARGEST_IMAGE = 10_000_000_000  # bytes

change = APIRouter(route_class=MutatingRoute)


class Limits(Body):
    """How large the app's builds may be, packed; null is the region's own limit."""

    max_image_bytes: int | None = Field(ge=1, le=LARGEST_IMAGE)


class SetLimits(Body):
    """Wrapped, as clients send it."""

    limits: Limits


@change.put("/apps/{app}/limits")
async def set_limits(app: MutableApp, body: SetLimits, call: ThisCall) -> objects.AppBody:
    """Set the app's limits; not for its owner."""
    if call.user and call.user.role != "operator":
        raise refused(403, "operators_only", "the platform sets an app's limits: ask its operators")
    await apps.set_limits(call.connection, app.id, body.limits.max_image_bytes)
    await call.record(app, "edit_app", {"limits": body.limits.model_dump()})
    changed = await apps.find(call.connection, app.id)
    assert changed
    return {"app": shapes.app(changed, call.region.settings)}
