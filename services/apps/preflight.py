"""May this app be migrated at all? Nothing is changed yet."""

from regions.errors import NotFoundError
from services.common.worker.task import Outcome, Succeeded, Task, TaskFailedError

MOVABLE = frozenset({"new", "running", "stopped"})


async def check_app(task: Task) -> Outcome:
    """Check that the source app is there, at rest, and nobody else's."""
    where = {"app": task.source_app, "region": task.source.name}
    try:
        app = await task.source.app(task.source_app)
    except NotFoundError:
        raise TaskFailedError("app_unknown", **where) from None
    if app.status == "migrated":
        raise TaskFailedError("app_migrated", **where)
    if app.frozen and app.migration_id != task.request.migration_id:
        raise TaskFailedError("app_in_migration", **where)
    if app.status not in MOVABLE:
        raise TaskFailedError("app_busy", status=app.status, **where)
    return Succeeded()


async def preflight_verdict(task: Task) -> Outcome:
    """Say whether all checks have passed."""
    if failed := task.result_of("failed")["labels"]:
        raise TaskFailedError("preflight_failed", failed=", ".join(failed))
    return Succeeded()
