"""Stopping and starting, on the way there and on the way back."""

from regions.errors import NotFoundError
from services.common.worker.operations import follow, result_of
from services.common.worker.task import Outcome, Succeeded, Task, TaskFailedError


async def stop_source(task: Task) -> Outcome:
    """Stop the source app, so that its data stands still."""
    started = await task.source.stop_app(task.source_app, task.grant("stop"))
    return await follow(task, task.source, task.source_app, started)


async def rest_new_app(task: Task) -> Outcome:
    """Stop the new app, if its owner has started it: nothing may write where data is restored."""
    if task.look == 0 and (await task.destination.app(task.destination_app)).desired == "stopped":
        return Succeeded(skipped=True)
    started = await task.destination.stop_app(task.destination_app, task.grant("rest"))
    return await follow(task, task.destination, task.destination_app, started)


async def start_new_app(task: Task) -> Outcome:
    """Start the new app if the old one ran, and wait until it is healthy."""
    if task.inventory.status != "running":
        return Succeeded(skipped=True)
    started = await task.destination.start_app(task.destination_app, task.grant("start"))
    return await follow(task, task.destination, task.destination_app, started)


async def stop_new_app(task: Task) -> Outcome:
    """Undo: stop what the migration has made, before the old app runs again."""
    made = await made_apps(task)
    if task.look == 0 and not await _any_runs(task, made):
        return Succeeded(skipped=True)
    results = [await _stop(task, app) for app in made]
    return task.look_again() if None in results else Succeeded({"apps": made})


async def start_old_app(task: Task) -> Outcome:
    """Undo: start the old app again if it ran.

    An abort is retried even when the operation itself has failed, so each attempt is an operation of its own.
    An app that does not become healthy may have been ill before: only its owner can cure it, and only once it
    is unfrozen, which makes it run again.
    """
    if task.inventory.status != "running" or not await holds_source(task):
        return Succeeded(skipped=True)
    grant = task.grant("start", str(task.attempt))
    started = await task.source.start_app(task.source_app, grant)
    try:
        return await follow(task, task.source, task.source_app, started)
    except TaskFailedError as error:
        if error.code != "app_unhealthy":
            raise
        return Succeeded({"healthy": False})


async def holds_source(task: Task) -> bool:
    """Whether the source is still the migration's: a message may come once more when the abort is over.

    A frozen app cannot be deleted by its owner, but whoever runs the region can do anything.
    """
    try:
        app = await task.source.app(task.source_app)
    except NotFoundError:
        return False
    return app.migration_id == task.request.migration_id


async def made_apps(task: Task) -> list[str]:
    """Return the names of the apps that the migration has made; asked of the region, not of reports."""
    resources = await task.destination.resources(task.request.migration_id)
    return sorted(resource.app for resource in resources if resource.kind == "app")


async def _any_runs(task: Task, apps: list[str]) -> bool:
    """Whether there is an app to stop: one may have been there that was never started, or came to nothing."""
    return "started" in [(await task.destination.app(app)).desired for app in apps]


async def _stop(task: Task, app: str) -> dict[str, object] | None:
    grant = task.grant("stop", f"{app}/{task.attempt}")
    return await result_of(task.destination, app, await task.destination.stop_app(app, grant))
