"""May this app be migrated at all? Nothing is changed yet."""

from regions.errors import NotFoundError, RegionUnavailableError
from regions.model import App
from services.common.worker.task import Outcome, Succeeded, Task, TaskFailedError

MOVABLE = frozenset({"new", "running", "stopped"})


async def check_app(task: Task) -> Outcome:
    """Check that the source app is at rest, and that the destination answers and has the name free."""
    _check_source(task, await _source(task))
    await _check_destination(task)
    return Succeeded()


async def _source(task: Task) -> App:
    try:
        return await task.source.app(task.source_app)
    except NotFoundError:
        raise TaskFailedError("app_unknown", app=task.source_app, region=task.source.name) from None


def _check_source(task: Task, app: App) -> None:
    if app.status == "migrated":
        raise TaskFailedError("app_migrated", app=app.name, region=task.source.name)
    if app.frozen and app.migration_id != task.request.migration_id:
        raise TaskFailedError("app_in_migration", app=app.name, region=task.source.name)
    if app.status not in MOVABLE:
        raise TaskFailedError("app_busy", app=app.name, region=task.source.name, status=app.status)


async def _check_destination(task: Task) -> None:
    try:
        await task.destination.app(task.destination_app)
    except NotFoundError:
        return
    except RegionUnavailableError:
        raise RegionUnavailableError("destination_unreachable", region=task.destination.name) from None
    raise TaskFailedError("name_taken", app=task.destination_app, region=task.destination.name)
