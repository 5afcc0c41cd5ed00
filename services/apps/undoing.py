"""The abort's tasks: everything becomes what it was. Each asks the regions what there is to undo."""

from services.apps.running import holds_source, made_apps
from services.common.worker.task import Outcome, Succeeded, Task


async def fence_source(task: Task) -> Outcome:
    """Keep the tasks of earlier epochs out of the source region."""
    await task.source.fence(task.grant("fence", "source"))
    return Succeeded({"epoch": task.request.epoch})


async def fence_destination(task: Task) -> Outcome:
    """Keep the tasks of earlier epochs out of the destination region."""
    await task.destination.fence(task.grant("fence", "destination"))
    return Succeeded({"epoch": task.request.epoch})


async def delete_new_app(task: Task) -> Outcome:
    """Delete the apps that the migration has made, with their addons and data."""
    made = await made_apps(task)
    for app in made:
        await task.destination.delete_app(app, task.grant("delete", app))
    return Succeeded({"apps": made}, skipped=not made)


async def unfreeze_source(task: Task) -> Outcome:
    """Give the source app back to its users."""
    if not await holds_source(task):
        return Succeeded(skipped=True)
    await task.source.unfreeze(task.source_app, task.grant("unfreeze"))
    return Succeeded()
