"""The running build: exported to other regions, imported from them."""

from typing import Any

from fastapi import APIRouter, Depends, Response

from services.region.api.answers import accepted
from services.region.api.calls import MutatingRoute
from services.region.api.dependencies import (
    MutableApp,
    ThisCall,
    ThisRegion,
    VisibleApp,
    service_only,
)
from services.region.api.errors import missing
from services.region.api.fields import Short
from services.region.api.pulls import Pull, checked
from services.region.ids import new_id
from services.region.state import deployments

read = APIRouter(dependencies=[Depends(service_only)])
extend = APIRouter(route_class=MutatingRoute, dependencies=[Depends(service_only)])


class ImportBuild(Pull):
    """A build of another region."""

    git_ref: Short = ""
    stack: Short


@read.get("/apps/{app}/build")
async def export(app: VisibleApp, region: ThisRegion) -> dict[str, Any]:
    """Say what build the app runs, and where to pull it."""
    build = await deployments.find(region.pool, app.id, app.build_id) if app.build_id else None
    if build is None:
        raise missing("build")
    return {
        "build": {
            "deployment_id": build.id,
            "digest": build.digest,
            "size_bytes": build.size_bytes,
            "git_ref": build.git_ref,
            "stack": build.stack_id,
            "url": region.links.sign(region.settings.own_url, "GET", "builds", build.id),
        }
    }


@extend.post("/apps/{app}/build")
async def import_build(app: MutableApp, body: ImportBuild, call: ThisCall) -> Response:
    """Start to make another region's build the app's own; nothing is started."""
    arguments = {
        **checked(body, call.region),
        "deployment_id": new_id(),
        "git_ref": body.git_ref,
        "stack": body.stack,
    }
    return accepted(call, app, await call.start(app, "import_build", arguments))
