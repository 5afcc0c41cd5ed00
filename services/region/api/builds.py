"""The running build: exported to other regions, imported from them."""

from fastapi import APIRouter, Depends, Response
from typing_extensions import TypedDict

from services.region.api import objects
from services.region.api.answers import accepted
from services.region.api.calls import MutatingRoute
from services.region.api.dependencies import (
    MutableApp,
    ThisCall,
    ThisRegion,
    VisibleApp,
    service_only,
)
from services.region.api.document import MIGRATIONS
from services.region.api.errors import missing
from services.region.api.fields import Short
from services.region.api.pulls import Pull, checked
from services.region.ids import new_id
from services.region.state import deployments

read = APIRouter(dependencies=[Depends(service_only)], tags=[MIGRATIONS])
extend = APIRouter(route_class=MutatingRoute, dependencies=[Depends(service_only)], tags=[MIGRATIONS])


class ImportBuild(Pull):
    """A build of another region."""

    git_ref: Short = ""
    stack: Short


class Build(TypedDict):
    """A build, and where to pull it."""

    deployment_id: str
    digest: str
    size_bytes: int
    git_ref: str
    stack: str
    url: str


class BuildBody(TypedDict):
    """One, wrapped as clients read it."""

    build: Build


@read.get("/apps/{app}/build")
async def export(app: VisibleApp, region: ThisRegion) -> BuildBody:
    """Say what build the app runs, and where to pull it."""
    build = await deployments.find(region.pool, app.id, app.build_id) if app.build_id else None
    if build is None or build.digest is None or build.size_bytes is None:
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


@extend.post("/apps/{app}/build", status_code=202, response_model=objects.OperationBody)
async def import_build(app: MutableApp, body: ImportBuild, call: ThisCall) -> Response:
    """Start to make another region's build the app's own; nothing is started."""
    arguments = {
        **checked(body, call.region),
        "deployment_id": new_id(),
        "git_ref": body.git_ref,
        "stack": body.stack,
    }
    return accepted(call, app, await call.start(app, "import_build", arguments))
