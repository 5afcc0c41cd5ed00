"""Log drains: an app has them, and so have addons. Their addresses may hold tokens."""

from regions.model import LogDrain
from services.common.worker.evidence import matched
from services.common.worker.refusals import copying
from services.common.worker.task import Succeeded, Task


async def copy_drains(task: Task, old_addon: str | None = None, new_addon: str | None = None) -> Succeeded:
    """Copy the app's own drains, or those of one addon of the source to its copy."""
    known = await task.source.log_drains(task.source_app, old_addon)
    for each in known:
        with copying("log_drain", each.id):
            grant = task.grant("log-drain", each.id)
            await task.destination.add_log_drain(task.destination_app, each, grant, new_addon)
    made = await task.destination.log_drains(task.destination_app, new_addon)
    items = matched(task, "log_drain", known, made, key=_address, fields=_fields)
    return Succeeded({"copied": len(known), "items": items}, skipped=not known)


def _address(drain: LogDrain) -> str:
    return drain.url


def _fields(drain: LogDrain) -> dict[str, object]:
    return {"url": drain.url}
