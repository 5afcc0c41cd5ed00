"""The region's HTTP API as a whole."""

from services.region.api import (
    addons,
    alerts,
    apps,
    autoscalers,
    builds,
    capacity,
    catalogue,
    collaborators,
    containers,
    databases,
    deployments,
    domains,
    errors,
    events,
    files,
    freezing,
    handover,
    limits,
    log_drains,
    logs,
    migrations,
    notifiers,
    operations,
    scm,
    variables,
)
from services.region.api.admission import Admissions
from services.region.api.document import DocumentedApi
from services.region.operations.engine import Engine
from services.region.region import Region

REGION_API = (
    apps.read,
    apps.change,
    variables.read,
    variables.change,
    containers.read,
    containers.change,
    containers.extend,
    operations.read,
    domains.read,
    domains.change,
    catalogue.read,
    addons.read,
    addons.change,
    addons.extend,
    deployments.read,
    deployments.change,
    logs.read,
    events.read,
    builds.read,
    builds.extend,
    freezing.extend,
    handover.read,
    handover.extend,
    migrations.router,
    capacity.read,
    collaborators.read,
    collaborators.change,
    scm.read,
    scm.change,
    notifiers.read,
    notifiers.change,
    alerts.read,
    alerts.change,
    autoscalers.read,
    autoscalers.change,
    log_drains.read,
    log_drains.change,
    limits.change,
)


def create(region: Region, engine: Engine) -> DocumentedApi:
    """Return the API of a region."""
    app = DocumentedApi(
        title=f"Region {region.settings.name}", docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.state.region, app.state.engine, app.state.admissions = region, engine, Admissions()
    errors.install(app)
    for router in REGION_API:
        app.include_router(router, prefix="/v1")
    app.include_router(databases.read, prefix="/api")
    app.include_router(databases.change, prefix="/api")
    app.include_router(files.router)
    return app
