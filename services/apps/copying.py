"""From the frozen source to a new app: its skeleton, its build, its formation."""

from events.envelope import LARGEST_BODY
from regions.errors import NotFoundError, RefusedError, RegionUnavailableError
from regions.model import App
from regions.port import Archive
from services.apps.variables import left_to_addons, mentions_of_source
from services.common.worker.operations import follow
from services.common.worker.task import Outcome, Succeeded, Task, TaskFailedError

# A backup, too, may take hours; nothing new begins meanwhile.
UNDER_WAY = frozenset({"deployment_running", "operation_running"})

# Every later task carries it, those of the abort too, beside results: all that has to fit into a message.
LARGEST_INVENTORY = LARGEST_BODY // 4  # bytes


async def freeze_source(task: Task) -> Outcome:
    """Freeze the source app and take stock. What is under way there is waited for, however long."""
    try:
        inventory = await task.source.freeze(task.source_app, task.grant("freeze"))
    except RegionUnavailableError as error:
        if error.code not in UNDER_WAY:
            raise
        return task.look_again()
    if (size := len(inventory.model_dump_json())) > LARGEST_INVENTORY:
        raise TaskFailedError("inventory_too_large", app=task.source_app, size=size, most=LARGEST_INVENTORY)
    return Succeeded({"inventory": inventory.model_dump(mode="json")})


async def create_app(task: Task) -> Outcome:
    """Create the new app for the owner of the old one, with its settings."""
    old = await task.source.app(task.source_app)
    name = task.destination_app
    try:
        app = await task.destination.create_app(name, old, task.request.source, task.grant("create"))
    except RefusedError as error:
        raise _why_not(error, task, old) from None
    await task.destination.change_settings(name, old, task.grant("settings"))
    return Succeeded({"app_id": app.id})


def _why_not(error: RefusedError, task: Task, old: App) -> Exception:
    if error.blames("name"):
        return TaskFailedError("name_taken", app=task.destination_app, region=task.destination.name)
    if error.blames("stack_id"):
        return TaskFailedError("stack_missing", stack=old.stack_id, region=task.destination.name)
    return error


async def copy_formation(task: Task) -> Outcome:
    """Write the source's formation, commands included; nothing is started."""
    containers = await task.source.containers(task.source_app)
    try:
        await task.destination.set_formation(task.destination_app, containers, task.grant("formation"))
    except RefusedError as error:
        if not error.blames("size"):
            raise
        sizes = ", ".join(sorted({container.size for container in containers}))
        raise TaskFailedError("size_missing", sizes=sizes, region=task.destination.name) from None
    return Succeeded({"containers": [container.name for container in containers]})


async def copy_variables(task: Task) -> Outcome:
    """Copy the variables, less those that the new app's own addons will provide.

    The result names the variables that mention the source: their values are the user's to change.
    """
    variables = await task.source.variables(task.source_app)
    provided = left_to_addons(variables, task.inventory)
    own = [variable for variable in variables if variable.name not in provided]
    front = await task.source.front()
    host = f"{task.source_app}.{front.domain}"
    if own:
        await task.destination.set_variables(task.destination_app, own, task.grant("variables"))
    return Succeeded(
        {
            "copied": len(own),
            "left_to_addons": sorted(provided),
            "mention_source": mentions_of_source(variables, provided, host),
        }
    )


async def import_build(task: Task) -> Outcome:
    """Make the build that was running when the source was frozen the new app's own."""
    frozen = task.inventory.build
    if frozen is None:
        return Succeeded(skipped=True)
    try:
        build = await task.source.build(task.source_app)
    except NotFoundError:
        raise TaskFailedError("build_missing", app=task.source_app, region=task.source.name) from None
    if build.digest != frozen.digest:
        raise TaskFailedError("digest_mismatch", region=task.source.name, app=task.source_app)
    stack = (await task.source.app(task.source_app)).stack_id
    archive = Archive(build.url, build.digest, build.size_bytes)
    name = task.destination_app
    started = await task.destination.import_build(name, archive, stack, task.grant("import"))
    return await follow(task, task.destination, name, started)
