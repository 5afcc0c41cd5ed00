"""One addon's way: provisioned anew, and its data backed up, restored and compared."""

from events.inventory import Addon
from regions.port import AddonOrder, Archive
from services.addons.comparison import compare
from services.common.worker.operations import follow, result_of
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
    order = AddonOrder(addon.provider, await _plan_id(task, addon), addon.version, addon.id)
    ordered = await task.destination.add_addon(task.destination_app, order, task.grant("provision", addon.id))
    made = await task.destination.addon(task.destination_app, ordered.id)
    return Succeeded({"addon_id": made.id}) if made.status == "running" else task.look_again()


async def back_up_database(task: Task) -> Outcome:
    """Back up the source's data, which stands still now."""
    addon = addon_of(task)
    started = await task.source.start_backup(addon.id, task.grant("backup", addon.id))
    backup = await task.source.backup(addon.id, started.id)
    if backup.status == "error":
        raise TaskFailedError("backup_failed", addon=addon.id, region=task.source.name)
    if backup.status != "done" or backup.digest is None:
        return task.look_again()
    return Succeeded({"backup_id": backup.id, "size_bytes": backup.size, "digest": backup.digest})


async def restore_database(task: Task) -> Outcome:
    """Let the destination pull the dump from the source and restore it."""
    made, backup = task.result_of("provision-addon"), task.result_of("back-up-database")
    addon = addon_of(task)
    url = await task.source.backup_url(addon.id, backup["backup_id"])
    archive = Archive(url, backup["digest"], backup["size_bytes"])
    app, grant = task.destination_app, task.grant("restore", addon.id)
    started = await task.destination.restore(app, made["addon_id"], archive, grant)
    return await follow(task, task.destination, app, started)


async def verify_database(task: Task) -> Outcome:
    """Compare the contents of both sides, table by table."""
    addon, made = addon_of(task), task.result_of("provision-addon")["addon_id"]
    source, destination = task.source, task.destination
    old = await source.fingerprint(task.source_app, addon.id, task.grant("fingerprint", "source"))
    new = await destination.fingerprint(task.destination_app, made, task.grant("fingerprint", "destination"))
    before = await result_of(source, task.source_app, old)
    after = await result_of(destination, task.destination_app, new)
    if before is None or after is None:
        return task.look_again()
    return Succeeded(compare(before, after))


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
