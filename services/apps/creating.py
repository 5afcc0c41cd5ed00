"""From the source app to a new one: frozen here, made there."""

from events.envelope import LARGEST_BODY
from regions.errors import RefusedError, RegionUnavailableError
from regions.model import App
from services.common.worker.task import Outcome, Succeeded, Task, TaskFailedError

# A backup, too, may take hours; nothing new begins meanwhile.
UNDER_WAY = frozenset({"deployment_running", "operation_running"})

# Every later task carries it, those of the abort too, beside results: all that has to fit into a message.
LARGEST_INVENTORY = LARGEST_BODY // 4  # bytes


async def freeze_source(task: Task) -> Outcome:
    """Freeze the source app and take stock. What is under way there is waited for, however long."""
    try:
        inventory = await task.source.freeze(task.source_app, task.request.destination, task.grant("freeze"))
    except RegionUnavailableError as error:
        if error.code not in UNDER_WAY:
            raise
        return task.look_again()
    if (size := len(inventory.model_dump_json())) > LARGEST_INVENTORY:
        raise TaskFailedError("inventory_too_large", app=task.source_app, size=size, most=LARGEST_INVENTORY)
    return Succeeded({"inventory": inventory.model_dump(mode="json")})


async def create_app(task: Task) -> Outcome:
    """Create the new app for the owner of the old one, on its stack."""
    old = await task.source.app(task.source_app)
    try:
        app = await task.destination.create_app(
            task.destination_app, old, task.request.source, task.grant("create")
        )
    except RefusedError as error:
        raise _why_not(error, task, old) from None
    return Succeeded({"app_id": app.id})


def _why_not(error: RefusedError, task: Task, old: App) -> Exception:
    if error.blames("name"):
        return TaskFailedError("name_taken", app=task.destination_app, region=task.destination.name)
    if error.blames("stack_id"):
        return TaskFailedError("stack_missing", stack=old.stack_id, region=task.destination.name)
    return error
