"""Start, stop, restart, scale and roll back: operations on an app's containers."""

from services.region.convergence.containers import Choice
from services.region.operations.capacity import require_capacity
from services.region.operations.work import OperationFailedError, Work
from services.region.rules import timeline
from services.region.state import apps, deployments, events
from services.region.state.apps import Desired


async def start_app(work: Work) -> None:
    """Start the formation; done when it is healthy. What is not healthy is stopped again."""
    app = await work.app()
    await require_capacity(work, app)
    await work.region.containers.run(app)
    if not await work.region.containers.healthy(app.id):
        async with work.transaction() as connection:
            await apps.set_desired(connection, app.id, "stopped")
        raise _unhealthy()
    await _serve(work, app.id, afterwards="started" if app.build_id else app.desired)


async def stop_app(work: Work) -> None:
    """Stop the containers; the formation keeps its amounts."""
    await work.region.containers.stop(work.operation.app_id)
    await _serve(work, work.operation.app_id, afterwards="stopped")


async def restart(work: Work) -> None:
    """Restart containers, with today's variables: those in the scope, or all."""
    scope = set(work.arguments["scope"])
    await _run(work, lambda each: not scope or not scope.isdisjoint({each.type, f"{each.type}-{each.index}"}))


async def scale(work: Work) -> None:
    """Start and stop containers until their number is the formation's."""
    await _run(work, lambda _container: False)


async def rollback(work: Work) -> None:
    """Make an earlier build the app's own again, and start it if the app runs; else nothing changes."""
    app, deployment_id = await work.app(), work.arguments["deployment_id"]
    deployment = await deployments.find(work.region.pool, app.id, deployment_id)
    if deployment is None or not deployment.has_build:
        raise OperationFailedError("build_gone", "a deployment since then has taken the build's place")
    if app.desired == "started":
        await work.region.containers.run(app, deployment_id, lambda _container: True)
        if not await work.region.containers.healthy(app.id):
            raise _unhealthy()
        await work.region.routing.apply()
    async with work.success({"deployment_id": deployment_id}) as connection:
        await apps.set_build(connection, app.id, deployment_id)
        actor = work.arguments["actor"]
        await events.insert(connection, app, "deployment", actor, timeline.deployment(deployment))


async def _run(work: Work, renewed: Choice) -> None:
    app = await work.app()
    await require_capacity(work, app)
    await work.region.containers.run(app, renewed=renewed)
    if not await work.region.containers.healthy(app.id):
        raise _unhealthy()
    await _serve(work, app.id, afterwards="started" if app.build_id else app.desired)


async def _serve(work: Work, app_id: str, afterwards: Desired) -> None:
    # First, as it decides whether the app has its hosts, or an earlier hand-over of them.
    async with work.transaction() as connection:
        await apps.set_desired(connection, app_id, afterwards)
    await work.region.routing.apply()
    async with work.success():
        pass


def _unhealthy() -> OperationFailedError:
    return OperationFailedError(
        "app_unhealthy", "the app's processes did not become healthy in time; its own log says why"
    )
