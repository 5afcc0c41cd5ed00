"""Sources and deployments."""

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from typing_extensions import TypedDict

from services.region.api import objects, shapes
from services.region.api.answers import accepted, address, existing
from services.region.api.calls import MutatingRoute
from services.region.api.dependencies import MutableApp, Reader, ThisCall, ThisRegion, VisibleApp
from services.region.api.errors import invalid, refused
from services.region.api.fields import Body, Short, Url
from services.region.api.pages import AskedPage, Meta
from services.region.ids import new_id
from services.region.state import deployments
from services.region.state.apps import App
from services.region.state.database import Executor
from services.region.state.deployments import Deployment

read = APIRouter()
change = APIRouter(route_class=MutatingRoute)


class NewDeployment(Body):
    """What to deploy: an archive that was uploaded to a source of this region."""

    git_ref: Short | None = None
    source_url: Url


class Deploy(Body):
    """Wrapped, as clients send it."""

    deployment: NewDeployment


class Source(TypedDict):
    """Where to put an archive, and how to name it when it is deployed."""

    upload_url: str
    download_url: str


class SourceBody(TypedDict):
    """One, wrapped as clients read it."""

    source: Source


class DeploymentBody(TypedDict):
    """One, wrapped as clients read it."""

    deployment: objects.Deployment


class DeploymentsBody(TypedDict):
    """A page of them."""

    deployments: list[objects.Deployment]
    meta: Meta


@change.post("/sources", status_code=201)
async def add_source(call: ThisCall) -> SourceBody:
    """Return where to put an archive, and how to name it when it is deployed."""
    source_id, links, base = new_id(), call.region.links, address(call.region, call.caller)
    urls: Source = {
        "upload_url": links.sign(base, "PUT", "sources", source_id),
        "download_url": links.sign(base, "GET", "sources", source_id),
    }
    return {"source": urls}


@change.post("/apps/{app}/deployments", status_code=201)
async def deploy(app: MutableApp, body: Deploy, call: ThisCall) -> DeploymentBody:
    """Start to build and run an uploaded archive."""
    if call.user is None:
        raise refused(403, "users_only", "only users deploy; a migration imports a build")
    source_id = call.region.links.source_of(body.deployment.source_url)
    if source_id is None:
        raise invalid("source_url", "is not a download_url that POST /v1/sources gave in the last minutes")
    deployment_id, pusher = new_id(), call.user.public
    await deployments.insert(
        call.connection,
        deployment_id=deployment_id,
        app_id=app.id,
        status="queued",
        git_ref=body.deployment.git_ref or "",
        stack_id=app.stack_id,
        pusher=pusher,
    )
    await call.start(app, "deploy", {"deployment_id": deployment_id, "source_id": source_id})
    started = await deployments.find(call.connection, app.id, deployment_id)
    assert started
    return {"deployment": shapes.deployment(started, address(call.region, call.caller))}


@change.post(
    "/apps/{app}/deployments/{deployment}/rollback", status_code=202, response_model=objects.OperationBody
)
async def rollback(app: MutableApp, deployment: str, call: ThisCall) -> Response:
    """Start to run an earlier deployment's build again."""
    found = await _found(app, deployment, call.connection)
    if not found.has_build:
        raise invalid("deployment", "has no build any more, or never had one")
    arguments = {"deployment_id": found.id, "actor": call.actor}
    return accepted(call, app, await call.start(app, "rollback", arguments))


@read.get("/apps/{app}/deployments")
async def index(app: VisibleApp, region: ThisRegion, caller: Reader, page: AskedPage) -> DeploymentsBody:
    """List the deployments, newest first."""
    found = await deployments.page(region.pool, app.id, page.size, page.offset)
    total = await deployments.count(region.pool, app.id)
    return {
        "deployments": [shapes.deployment(each, address(region, caller)) for each in found],
        "meta": page.meta(total),
    }


@read.get("/apps/{app}/deployments/{deployment}")
async def show(app: VisibleApp, deployment: str, region: ThisRegion, caller: Reader) -> DeploymentBody:
    """Look at a deployment."""
    found = await _found(app, deployment, region.pool)
    return {"deployment": shapes.deployment(found, address(region, caller))}


@read.get("/apps/{app}/deployments/{deployment}/output", response_class=PlainTextResponse)
async def output(app: VisibleApp, deployment: str, region: ThisRegion) -> PlainTextResponse:
    """Return what the deployment has told so far."""
    return PlainTextResponse((await _found(app, deployment, region.pool)).output)


async def _found(app: App, deployment_id: str, connection: Executor) -> Deployment:
    return existing(await deployments.find(connection, app.id, deployment_id), "deployment")
