"""Operations on the data of an addon."""

from dataclasses import asdict

from services.region.machinery.dumps import DumpError
from services.region.operations.pulling import pull
from services.region.operations.work import OperationEndedError, OperationFailedError, Work
from services.region.state import addons, backups
from services.region.state.addons import Addon


async def provision_addon(work: Work) -> None:
    """Make the addon usable."""
    addon = await _addon(work)
    if work.region.catalogue.provider(addon.provider_id).has_data:
        await work.region.databases.create(addon.resource_id, addon.password)
    async with work.success() as connection:
        await addons.set_status(connection, addon.id, "running")


async def backup(work: Work) -> None:
    """Dump the addon's database."""
    addon, backup_id = await _addon(work), work.arguments["backup_id"]
    try:
        dump = await work.region.databases.dump(addon.resource_id, work.region.storage.backup(backup_id))
    except DumpError as error:
        raise _failed(error) from None
    async with work.success({"backup_id": backup_id}) as connection:
        await backups.set_archive(connection, backup_id, dump.sha256, dump.size_bytes)


async def restore(work: Work) -> None:
    """Pull a dump, check it, and restore it into a freshly created database."""
    addon = await _addon(work)
    file = work.region.storage.incoming(work.operation.id)
    try:
        await pull(work, file)
        await work.region.databases.restore(addon.resource_id, file)
    except DumpError as error:
        raise _failed(error) from None
    finally:
        file.unlink(missing_ok=True)
    async with work.success():
        pass


async def fingerprint(work: Work) -> None:
    """Say how many rows each table has, and a checksum of them."""
    addon = await _addon(work)
    tables = await work.region.databases.fingerprint(addon.resource_id)
    async with work.success({"tables": [asdict(table) for table in tables]}):
        pass


async def _addon(work: Work) -> Addon:
    addon = await addons.find(work.region.pool, work.arguments["addon_id"])
    if addon is None:
        raise OperationEndedError
    return addon


def _failed(error: DumpError) -> OperationFailedError:
    return OperationFailedError(error.code, str(error))
