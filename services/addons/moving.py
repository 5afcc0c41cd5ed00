"""A database's way: backed up, restored and compared."""

from typing import Any

from regions.port import Archive
from services.addons.comparison import Parts, compare, parts_of, totals
from services.addons.provisioning import addon_of
from services.common.worker.evidence import compared
from services.common.worker.operations import follow, result_of
from services.common.worker.task import Outcome, Succeeded, Task, TaskFailedError

MOST_PARTS = 500  # of which the result has digests; names of tables are long


async def back_up_database(task: Task) -> Outcome:
    """Back up the source's data, which stands still now."""
    addon = addon_of(task)
    started = await task.source.start_backup(addon.id, task.grant("backup", addon.id))
    backup = await task.source.backup(addon.id, started.id)
    if backup.status == "error":
        raise TaskFailedError("backup_failed", addon=addon.id, region=task.source.name)
    if backup.status != "done" or backup.digest is None:
        return task.look_again(backup.progress)
    held = (await task.source.addon(task.source_app, addon.id)).size_bytes
    shown = {"backup_id": backup.id, "size_bytes": backup.size, "digest": backup.digest}
    return Succeeded({**shown, "data_bytes": held})


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
    """Compare the contents of both sides, part by part: tables, sequences, large objects, keys."""
    addon, made = addon_of(task), task.result_of("provision-addon")["addon_id"]
    source, destination = task.source, task.destination
    old = await source.fingerprint(task.source_app, addon.id, task.grant("fingerprint", "source"))
    new = await destination.fingerprint(task.destination_app, made, task.grant("fingerprint", "destination"))
    before = await result_of(source, task.source_app, old)
    after = await result_of(destination, task.destination_app, new)
    if before is None or after is None:
        return task.look_again()
    return Succeeded(_verified(task, parts_of(before), parts_of(after)))


def _verified(task: Task, source: Parts, destination: Parts) -> dict[str, Any]:
    compare(source, destination)
    old, new = _fields(source), _fields(destination)
    return {
        **totals(source.values()),
        "checksum": task.digests.of("database", "", old),
        "items": compared(task, "part", old, new, MOST_PARTS),
    }


def _fields(parts: Parts) -> dict[str, dict[str, Any]]:
    return {
        f"{part.kind} {part.name}": {"rows": part.rows, "checksum": part.checksum} for part in parts.values()
    }
