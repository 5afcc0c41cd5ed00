"""The new app's addons: those of the old one, of the same plans and versions."""

from collections import Counter

from events.inventory import Addon
from regions.port import AddonOrder
from services.common.worker.drains import copy_drains
from services.common.worker.evidence import compared
from services.common.worker.task import Outcome, Succeeded, Task, TaskFailedError


def addon_of(task: Task) -> Addon:
    """Return the addon that the task is about, as it was when the source was frozen."""
    for addon in task.inventory.addons:
        if addon.id == task.request.item:
            return addon
    raise TaskFailedError("addon_unknown", addon=task.request.item or "")


async def provision_addon(task: Task) -> Outcome:
    """Provision the same plan in the same version."""
    addon = addon_of(task)
    await _refuse_owners_own(task, addon)
    order = AddonOrder(addon.provider, await _plan_id(task, addon), addon.version, addon.id)
    ordered = await task.destination.add_addon(task.destination_app, order, task.grant("provision", addon.id))
    made = await task.destination.addon(task.destination_app, ordered.id)
    if made.status != "running":
        return task.look_again()
    old = {"provider": addon.provider, "plan": addon.plan, "version": addon.version}
    new = {"provider": made.addon_provider.id, "plan": made.plan.name, "version": made.version}
    items = compared(task, "addon", {addon.id: old}, {addon.id: new})
    return Succeeded({"addon_id": made.id, **new, "items": items})


async def copy_addon_log_drains(task: Task) -> Outcome:
    """Copy the log drains of one addon."""
    return await copy_drains(task, addon_of(task).id, task.result_of("provision-addon")["addon_id"])


async def compare_addons(task: Task) -> Outcome:
    """Say which of the old app's addons the new one lacks: its owner may have left the data step out."""
    present = await task.destination.addons(task.destination_app)
    unmatched = Counter(addon.addon_provider.id for addon in present)
    missing = []
    for addon in task.inventory.addons:
        if unmatched[addon.provider]:
            unmatched[addon.provider] -= 1
        else:
            missing.append({"provider": addon.provider, "plan": addon.plan})
    return Succeeded({"missing": missing})


async def _refuse_owners_own(task: Task, addon: Addon) -> None:
    """Raise TaskFailedError if the owner has added one of these to the new app: both would give it a URL."""
    made = {each.id for each in await task.destination.resources(task.request.migration_id)}
    present = await task.destination.addons(task.destination_app)
    if any(each.addon_provider.id == addon.provider and each.id not in made for each in present):
        raise TaskFailedError("addon_present", provider=addon.provider, region=task.destination.name)


async def _plan_id(task: Task, addon: Addon) -> str:
    for plan in await task.destination.plans(addon.provider):
        if plan.name == addon.plan:
            return plan.id
    raise TaskFailedError(
        "plan_missing",
        addon=addon.id,
        provider=addon.provider,
        plan=addon.plan,
        region=task.destination.name,
    )
