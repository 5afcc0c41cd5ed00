"""Make another region's build the app's own."""

from services.region.operations.deploying import adopt, refuse_too_large, unpack
from services.region.operations.pulling import pull
from services.region.operations.work import Work
from services.region.state import deployments, discarded
from services.region.state.database import Connection
from services.region.state.operations import Operation


async def import_build(work: Work) -> None:
    """Pull the archive, check it, unpack it, and record it as a successful deployment. Nothing is started."""
    app, arguments = await work.app(), work.arguments
    deployment_id, digest = arguments["deployment_id"], arguments["digest"]
    refuse_too_large(work, app, arguments["size_bytes"])
    archive = work.region.storage.build_archive(deployment_id)
    archive.parent.mkdir(exist_ok=True)
    work.progress.total_bytes = arguments["size_bytes"]
    await pull(work, archive)
    procfile = await unpack(work, deployment_id)
    async with work.success({"deployment_id": deployment_id, "digest": digest}) as connection:
        await deployments.insert(
            connection,
            deployment_id=deployment_id,
            app_id=app.id,
            status="building",
            git_ref=arguments["git_ref"],
            stack_id=arguments["stack"],
            pusher=app.owner,
        )
        await deployments.set_build(connection, deployment_id, digest, arguments["size_bytes"], procfile)
        await deployments.write(connection, deployment_id, "Imported from another region\n")
        await adopt(connection, app, deployment_id)


async def import_failed(connection: Connection, operation: Operation, _code: str) -> None:
    """Discard what was pulled."""
    await discarded.file(connection, f"builds/{operation.arguments['deployment_id']}")
