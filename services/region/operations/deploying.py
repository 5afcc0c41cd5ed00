"""Make a build of an uploaded archive and run it."""

from collections.abc import Mapping
from pathlib import Path

import anyio

from services.region.machinery import builds, files
from services.region.machinery.builds import ArchiveRefusedError, Limits, ProcfileError
from services.region.operations.capacity import require_capacity
from services.region.operations.work import OperationFailedError, Work
from services.region.rules import timeline
from services.region.rules.containers import WEB
from services.region.rules.limits import largest_image
from services.region.state import apps, deployments, discarded, events, formation
from services.region.state.apps import App
from services.region.state.database import Connection
from services.region.state.deployments import Status
from services.region.state.operations import Operation

KEPT_BUILDS = 5  # besides the one that runs: what one can roll back to

_STATUS: Mapping[str, Status] = {"app_unhealthy": "crashed-error"}


async def deploy(work: Work) -> None:
    """Build, start, and adopt the new build if it is healthy; else the old one runs again."""
    app, deployment_id = await work.app(), work.arguments["deployment_id"]
    await deployments.begin_again(work.region.pool, deployment_id)
    await _build(work, app, deployment_id)
    await require_capacity(work, app)
    await _tell(work, deployment_id, "Build complete, starting the containers")
    await deployments.set_status(work.region.pool, deployment_id, "starting")
    await work.region.containers.run(app, deployment_id, lambda _container: True)
    if not await work.region.containers.healthy(app.id):
        raise OperationFailedError("app_unhealthy", "the new containers did not become healthy in time")
    # First, as it decides whether the app has its hosts, or an earlier hand-over of them.
    async with work.transaction() as connection:
        await apps.set_desired(connection, app.id, "started")
    await work.region.routing.apply()
    async with work.success({"deployment_id": deployment_id}) as connection:
        await adopt(connection, app, deployment_id)
        await discarded.file(connection, f"sources/{work.arguments['source_id']}")
        await deployments.write(connection, deployment_id, "Deployed\n")


async def deploy_failed(connection: Connection, operation: Operation, code: str) -> None:
    """Say how the deployment ended."""
    deployment_id = operation.arguments["deployment_id"]
    app = await apps.find(connection, operation.app_id)
    assert app
    await _end(connection, app, deployment_id, _STATUS.get(code, "build-error"))
    await discarded.file(connection, f"sources/{operation.arguments['source_id']}")
    await discarded.file(connection, f"builds/{deployment_id}")
    await deployments.write(connection, deployment_id, f"Failed: {code}\n")


async def adopt(connection: Connection, app: App, deployment_id: str) -> None:
    """Make a deployment the successful one whose build the app runs; the oldest builds go."""
    await _end(connection, app, deployment_id, "success")
    await apps.set_build(connection, app.id, deployment_id)
    await deployments.discard_old_builds(connection, app.id, deployment_id, KEPT_BUILDS)


async def _end(connection: Connection, app: App, deployment_id: str, status: Status) -> None:
    await deployments.finish(connection, deployment_id, status)
    ended = await deployments.find(connection, app.id, deployment_id)
    assert ended
    await events.insert(connection, app, "deployment", ended.pusher, timeline.deployment(ended))


def refuse_too_large(work: Work, app: App, size_bytes: int) -> None:
    """Raise OperationFailedError for an archive that is larger than the app's builds may be."""
    largest = largest_image(app, work.region.settings)
    if size_bytes > largest:
        raise OperationFailedError(
            "image_too_large", f"the archive has {size_bytes} bytes, and the app's builds at most {largest}"
        )


async def unpack(work: Work, deployment_id: str) -> dict[str, str]:
    """Unpack a build's archive; returns its Procfile. Raises OperationFailedError."""
    storage = work.region.storage
    folder = storage.build_folder(deployment_id)
    try:
        await builds.unpack(storage.build_archive(deployment_id), folder, Limits())
        return await builds.procfile(folder)
    except ArchiveRefusedError as error:
        raise OperationFailedError(error.code, str(error)) from None
    except ProcfileError as error:
        raise OperationFailedError("procfile_refused", str(error)) from None


async def _build(work: Work, app: App, deployment_id: str) -> None:
    storage = work.region.storage
    archive = storage.build_archive(deployment_id)
    await anyio.to_thread.run_sync(_take, storage.source(work.arguments["source_id"]), archive)
    size_bytes = archive.stat().st_size
    await _tell(work, deployment_id, f"Archive of {size_bytes} bytes received")
    try:
        refuse_too_large(work, app, size_bytes)
        procfile = await unpack(work, deployment_id)
    except OperationFailedError as error:
        await _tell(work, deployment_id, str(error))
        raise
    digest = await files.digest(archive)
    async with work.transaction() as connection:
        await deployments.set_build(connection, deployment_id, digest, size_bytes, procfile)
        await _extend_formation(connection, work, procfile)
    await _tell(work, deployment_id, f"Process types: {', '.join(procfile)}")


async def _extend_formation(connection: Connection, work: Work, procfile: dict[str, str]) -> None:
    app_id, size = work.operation.app_id, work.region.catalogue.default_size
    first = not await formation.read(connection, app_id)
    for name in procfile:
        amount = 1 if first and name == WEB else 0
        await formation.add(connection, app_id, name, amount, size)


async def _tell(work: Work, deployment_id: str, text: str) -> None:
    await deployments.write(work.region.pool, deployment_id, f"{text}\n")


def _take(source: Path, archive: Path) -> None:
    # A second name, not a copy; the first one goes with the transaction that ends the deployment.
    if not source.exists():
        raise OperationFailedError("source_missing", "nothing was uploaded to the source's upload_url")
    archive.parent.mkdir(exist_ok=True)
    archive.unlink(missing_ok=True)
    archive.hardlink_to(source)
