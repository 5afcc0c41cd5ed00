"""Operations on the data of an addon."""

from dataclasses import asdict

from services.region.catalogue import Plan
from services.region.machinery.engines import DatabaseEngine, DumpError
from services.region.operations.pulling import pull
from services.region.operations.work import OperationEndedError, OperationFailedError, Work
from services.region.state import addons, backups
from services.region.state.addons import Addon


async def provision_addon(work: Work) -> None:
    """Make the addon usable."""
    addon = await _addon(work)
    if work.region.catalogue.provider(addon.provider_id).has_data:
        await _engine(work, addon).create(addon.database)
    async with work.success() as connection:
        await addons.set_status(connection, addon.id, "running")


async def backup(work: Work) -> None:
    """Dump the addon's database."""
    addon, backup_id = await _addon(work), work.arguments["backup_id"]
    file = work.region.storage.backup(backup_id)
    try:
        dump = await _engine(work, addon).dump(addon.database, file, work.progress)
    except DumpError as error:
        raise _failed(error) from None
    async with work.success({"backup_id": backup_id}) as connection:
        await backups.set_archive(connection, backup_id, dump.sha256, dump.size_bytes)


async def restore(work: Work) -> None:
    """Pull a dump, check it, and restore it into a freshly created database."""
    addon = await _addon(work)
    engine, largest = _engine(work, addon), _plan(work, addon).disk_bytes
    file = work.region.storage.incoming(work.operation.id)
    work.progress.total_bytes = 2 * work.arguments["size_bytes"]  # pulled, then restored
    try:
        await pull(work, file)
        await engine.restore(addon.database, file, work.progress, largest)
    except DumpError as error:
        raise _failed(error) from None
    finally:
        file.unlink(missing_ok=True)
    async with work.success():
        pass


async def fingerprint(work: Work) -> None:
    """Say how much each part of the data holds, and a checksum of it."""
    addon = await _addon(work)
    contents = await _engine(work, addon).fingerprint(addon.database)
    async with work.success({"contents": [asdict(part) for part in contents]}):
        pass


async def _addon(work: Work) -> Addon:
    addon = await addons.find(work.region.pool, work.arguments["addon_id"])
    if addon is None:
        raise OperationEndedError
    return addon


def _engine(work: Work, addon: Addon) -> DatabaseEngine:
    engine = work.region.engine(addon)
    if engine is None:
        raise OperationFailedError(
            "version_missing", f"no server of version {addon.version} runs here any more"
        )
    return engine


def _plan(work: Work, addon: Addon) -> Plan:
    return work.region.catalogue.provider(addon.provider_id).plan(addon.plan_id)


def _failed(error: DumpError) -> OperationFailedError:
    return OperationFailedError(error.code, str(error))
