"""How the app is set up: its settings, its limits, its container formation."""

from typing import Any

from regions.errors import RefusedError
from regions.model import App, Container
from services.common.worker.evidence import compared
from services.common.worker.refusals import copying
from services.common.worker.task import Outcome, Succeeded, Task, TaskFailedError

SETTINGS = ("force_https", "router_logs", "stack_id", "sticky_session")


async def copy_settings(task: Task) -> Outcome:
    """Copy what the app's requests are treated by; its canonical domain is copied with the domains."""
    old = await task.source.app(task.source_app)
    with copying("settings", task.destination_app):
        await task.destination.change_settings(task.destination_app, old, task.grant("settings"))
    new = await task.destination.app(task.destination_app)
    return Succeeded(
        {"copied": len(SETTINGS), "items": compared(task, "setting", _settings(old), _settings(new))}
    )


async def copy_limits(task: Task) -> Outcome:
    """Copy the limits that the platform has set for this app."""
    old = await task.source.app(task.source_app)
    if old.limits.max_image_bytes is None:
        return Succeeded(skipped=True)
    with copying("limits", task.destination_app):
        await task.destination.set_limits(task.destination_app, old.limits, task.grant("limits"))
    new = await task.destination.app(task.destination_app)
    items = compared(task, "limit", _limits(old), _limits(new))
    return Succeeded({"copied": len(items), "items": items})


async def copy_formation(task: Task) -> Outcome:
    """Copy the process types with their amounts, sizes and commands; nothing is started."""
    old = await task.source.containers(task.source_app)
    with copying("formation", task.destination_app):
        await _set_formation(task, old)
    new = await task.destination.containers(task.destination_app)
    items = compared(task, "container", _formation(old), _formation(new))
    return Succeeded({"copied": len(old), "items": items}, skipped=not old)


async def _set_formation(task: Task, containers: tuple[Container, ...]) -> None:
    try:
        await task.destination.set_formation(task.destination_app, containers, task.grant("formation"))
    except RefusedError as error:
        if not error.blames("size"):
            raise
        sizes = ", ".join(sorted({container.size for container in containers}))
        raise TaskFailedError("size_missing", sizes=sizes, region=task.destination.name) from None


def _settings(app: App) -> dict[str, dict[str, Any]]:
    return {name: {"value": getattr(app, name)} for name in SETTINGS}


def _limits(app: App) -> dict[str, dict[str, Any]]:
    return {name: {"value": value} for name, value in app.limits.model_dump().items()}


def _formation(containers: tuple[Container, ...]) -> dict[str, dict[str, Any]]:
    """Return what is copied of each process type; no command of its own is the Procfile's."""
    return {
        each.name: {"amount": each.amount, "size": each.size, "command": each.command or ""}
        for each in containers
    }
