"""The build that runs now, also after a rollback to an older one."""

from regions.errors import NotFoundError
from regions.model import Build
from services.common.worker.evidence import compared
from services.common.worker.operations import follow
from services.common.worker.task import LookAgain, Outcome, Succeeded, Task, TaskFailedError


async def import_build(task: Task) -> Outcome:
    """Make the build that was running when the source was frozen the new app's own."""
    frozen = task.inventory.build
    if frozen is None:
        return Succeeded(skipped=True)
    build = await _source_build(task)
    if build.digest != frozen.digest:
        raise TaskFailedError("digest_mismatch", region=task.source.name, app=task.source_app)
    outcome = await _import(task, build)
    if isinstance(outcome, LookAgain):
        return outcome
    made = await task.destination.build(task.destination_app)
    return Succeeded(
        {
            "deployment_id": made.deployment_id,
            "digest": made.digest,
            "size_bytes": made.size_bytes,
            "items": compared(task, "build", {"build": _fields(build)}, {"build": _fields(made)}),
        }
    )


async def _source_build(task: Task) -> Build:
    try:
        return await task.source.build(task.source_app)
    except NotFoundError:
        raise TaskFailedError("build_missing", app=task.source_app, region=task.source.name) from None


async def _import(task: Task, build: Build) -> Outcome:
    name = task.destination_app
    started = await task.destination.import_build(name, build, task.grant("import"))
    return await follow(task, task.destination, name, started)


def _fields(build: Build) -> dict[str, object]:
    return build.model_dump(include={"digest", "size_bytes", "git_ref", "stack"})
