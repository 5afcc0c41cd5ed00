"""Can the destination provide the same addons? Nothing is changed yet."""

from collections.abc import AsyncIterator

from regions.model import Addon, Provider
from services.common.worker.task import Outcome, Succeeded, Task, TaskFailedError


async def check_addon_versions(task: Task) -> Outcome:
    """Check that the destination has each addon's version; providers are the other check's."""
    async for addon, provider in _counterparts(task):
        if provider and addon.version and addon.version not in provider.versions:
            raise TaskFailedError(
                "version_missing",
                addon=addon.id,
                provider=provider.name,
                version=addon.version,
                region=task.destination.name,
            )
    return Succeeded()


async def check_addon_plans(task: Task) -> Outcome:
    """Check that the destination has each addon's provider and plan."""
    async for addon, provider in _counterparts(task):
        where = {"addon": addon.id, "provider": addon.addon_provider.name, "region": task.destination.name}
        if provider is None:
            raise TaskFailedError("provider_missing", **where)
        plans = await task.destination.plans(provider.id)
        if addon.plan.name not in {plan.name for plan in plans}:
            raise TaskFailedError("plan_missing", plan=addon.plan.name, **where)
    return Succeeded()


async def _counterparts(task: Task) -> AsyncIterator[tuple[Addon, Provider | None]]:
    """Yield each of the source's addons with the destination's provider of the same kind."""
    providers = {provider.id: provider for provider in await task.destination.providers()}
    for addon in await task.source.addons(task.source_app):
        yield addon, providers.get(addon.addon_provider.id)
