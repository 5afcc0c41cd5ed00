"""Can the destination take the app in? Nothing is changed yet."""

from collections.abc import AsyncIterator

from events.failures import Reason
from regions.errors import NotFoundError, RegionUnavailableError
from regions.model import Build
from services.common.worker.task import Outcome, Succeeded, Task, TaskFailedError


async def check_destination(task: Task) -> Outcome:
    """Check that the destination answers, has the name free, and all that the app's containers need."""
    try:
        reasons = [reason for check in CHECKS async for reason in check(task)]
    except RegionUnavailableError as error:
        if error.params.get("region") != task.destination.name:
            raise
        raise RegionUnavailableError("destination_unreachable", region=task.destination.name) from None
    TaskFailedError.unless_empty(reasons)
    return Succeeded()


async def _name(task: Task) -> AsyncIterator[Reason]:
    try:
        await task.destination.app(task.destination_app)
    except NotFoundError:
        return
    yield _reason(task, "name_taken", app=task.destination_app)


async def _stack(task: Task) -> AsyncIterator[Reason]:
    """Look for the app's stack, and for the one its build was made for: the app may have left that since."""
    build = await _build(task)
    wanted = {(await task.source.app(task.source_app)).stack_id, build.stack if build else ""} - {""}
    for missing in sorted(wanted - {each.id for each in await task.destination.stacks()}):
        yield _reason(task, "stack_missing", stack=missing)


async def _containers(task: Task) -> AsyncIterator[Reason]:
    sizes = {size.name: size.memory for size in await task.destination.container_sizes()}
    formation = await task.source.containers(task.source_app)
    if missing := sorted({each.size for each in formation} - sizes.keys()):
        yield _reason(task, "size_missing", sizes=", ".join(missing))
    needed = sum(each.amount * sizes.get(each.size, 0) for each in formation)
    free = (await task.destination.capacity()).memory_free_bytes
    if needed > free:
        yield _reason(task, "no_memory", app=task.source_app, needed=needed, free=free)


async def _disk(task: Task) -> AsyncIterator[Reason]:
    data = sum(addon.size_bytes or 0 for addon in await task.source.addons(task.source_app))
    build = await _build(task)
    needed = data + (build.size_bytes if build else 0)
    free = (await task.destination.capacity()).disk_free_bytes
    if needed > free:
        yield _reason(task, "no_disk", app=task.source_app, needed=needed, free=free)


async def _build(task: Task) -> Build | None:
    try:
        return await task.source.build(task.source_app)
    except NotFoundError:
        return None


def _reason(task: Task, code: str, **params: str | int) -> Reason:
    return Reason(code=code, params={"region": task.destination.name, **params})


CHECKS = (_name, _stack, _containers, _disk)
