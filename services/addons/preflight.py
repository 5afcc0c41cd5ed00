"""Can the destination provide the same addons? Nothing is changed yet."""

from collections.abc import AsyncIterator

from events.failures import Reason
from regions.model import Addon, Plan, Provider
from services.common.worker.task import Outcome, Succeeded, Task, TaskFailedError


async def check_addon_versions(task: Task) -> Outcome:
    """Check that the destination has each addon's version; providers are the other check's."""
    TaskFailedError.unless_empty(
        _reason(task, "version_missing", addon, version=addon.version)
        for addon, provider in await _counterparts(task)
        if provider and addon.version and addon.version not in provider.versions
    )
    return Succeeded()


async def check_addon_plans(task: Task) -> Outcome:
    """Check that the destination has each addon's provider and plan, large enough for its data."""
    reasons = [
        reason
        for addon, provider in await _counterparts(task)
        async for reason in _missing(task, addon, provider)
    ]
    TaskFailedError.unless_empty(reasons)
    return Succeeded()


async def _counterparts(task: Task) -> list[tuple[Addon, Provider | None]]:
    """Return each of the source's addons with the destination's provider of the same kind."""
    providers = {provider.id: provider for provider in await task.destination.providers()}
    addons = await task.source.addons(task.source_app)
    return [(addon, providers.get(addon.addon_provider.id)) for addon in addons]


async def _missing(task: Task, addon: Addon, provider: Provider | None) -> AsyncIterator[Reason]:
    if provider is None:
        yield _reason(task, "provider_missing", addon)
        return
    plans = {plan.name: plan for plan in await task.destination.plans(provider.id)}
    if addon.plan.name not in plans:
        yield _reason(task, "plan_missing", addon, plan=addon.plan.name)
    elif disk := _too_small(plans[addon.plan.name], addon):
        yield _reason(
            task, "data_too_large", addon, plan=addon.plan.name, size=addon.size_bytes or 0, disk=disk
        )


def _too_small(plan: Plan, addon: Addon) -> int | None:
    """Return how much data the plan holds if the addon has more."""
    size, disk = addon.size_bytes or 0, plan.disk_bytes
    return disk if disk is not None and size > disk else None


def _reason(task: Task, code: str, addon: Addon, **more: str | int) -> Reason:
    where = {"addon": addon.id, "provider": addon.addon_provider.name, "region": task.destination.name}
    return Reason(code=code, params={**where, **more})
