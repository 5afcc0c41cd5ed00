"""Work that a region does on its own: started once, then looked at until it has ended."""

from typing import Any

from regions.errors import FencedError
from regions.model import Operation
from regions.port import Region
from services.common.worker.task import Outcome, Succeeded, Task, TaskFailedError


async def follow(task: Task, region: Region, app: str, started: Operation) -> Outcome:
    """Return the outcome of a task that is one operation."""
    operation = await region.operation(app, started.id)
    result = _result(region, app, operation)
    return task.look_again(operation.progress) if result is None else Succeeded(result)


async def result_of(region: Region, app: str, started: Operation) -> dict[str, Any] | None:
    """Return what the operation has led to, None while it goes on.

    Raises FencedError if an abort has cancelled it, TaskFailedError with the operation's code if it failed.
    """
    return _result(region, app, await region.operation(app, started.id))


def _result(region: Region, app: str, operation: Operation) -> dict[str, Any] | None:
    match operation.status:
        case "done":
            return operation.result or {}
        case "error" if operation.code == "fenced":
            raise FencedError("fenced", region=region.name)
        case "error":
            code = operation.code or "operation_failed"
            raise TaskFailedError(code, region=region.name, app=app, operation=operation.type)
        case _:
            return None
