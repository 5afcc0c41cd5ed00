"""Addons and their data, with the first provider that has data."""

# ruff: noqa: D401 - a check's docstring is the requirement

import hashlib

import anyio
import httpx

from regions import model
from regions.conformance.probe import (
    OPERATION_SECONDS,
    POLL_SECONDS,
    CheckFailedError,
    Migration,
    Probe,
    expect,
    refused,
)
from regions.port import AddonOrder, Archive

SOURCE_ADDON = "ad-storky-check"


async def _order(probe: Probe) -> AddonOrder:
    for provider in await probe.region.providers():
        if provider.has_data:
            plans = await probe.region.plans(provider.id)
            expect(bool(plans and provider.versions), f"{provider.id} has plans and versions")
            return AddonOrder(provider.id, plans[0].id, provider.versions[0], SOURCE_ADDON)
    raise CheckFailedError("the region offers an addon with has_data")


async def _provisioned(probe: Probe, migration: Migration) -> tuple[str, model.Addon]:
    app = await probe.app(migration)
    ordered = await probe.region.add_addon(app, await _order(probe), migration.grant())
    with anyio.move_on_after(OPERATION_SECONDS):
        while True:
            addon = await probe.region.addon(app, ordered.id)
            if addon.status == "running":
                return app, addon
            await anyio.sleep(POLL_SECONDS)
    raise CheckFailedError(f"an addon is running within {OPERATION_SECONDS:.0f} s")


async def _backed_up(probe: Probe, addon: str, migration: Migration) -> model.Backup:
    started = await probe.region.start_backup(addon, migration.grant())
    with anyio.move_on_after(OPERATION_SECONDS):
        while True:
            backup = await probe.region.backup(addon, started.id)
            expect(backup.status != "error", "a backup succeeds")
            if backup.status == "done":
                return backup
            await anyio.sleep(POLL_SECONDS)
    raise CheckFailedError(f"a backup is done within {OPERATION_SECONDS:.0f} s")


async def an_addon_is_provisioned_once(probe: Probe) -> None:
    """Within one migration, the copy of a source addon is made once, with its variables and its version."""
    migration = probe.migration()
    app, addon = await _provisioned(probe, migration)
    order = await _order(probe)
    again = await probe.region.add_addon(app, order, migration.grant())
    expect(again.id == addon.id, "the copy of one source addon is made once")
    expect(addon.version == order.version, "an addon has the version that was asked for")
    names = {variable.name for variable in await probe.region.variables(app)}
    expect(bool(addon.variables) and names.issuperset(addon.variables), "an addon's variables are the app's")


async def a_version_that_is_not_offered_is_refused(probe: Probe) -> None:
    """An addon never comes in another version than the one that was asked for."""
    migration, order = probe.migration(), await _order(probe)
    app = await probe.app(migration)
    unknown = AddonOrder(order.provider_id, order.plan_id, "0.0.0-storky-check", order.source_id)
    call = probe.region.add_addon(app, unknown, migration.grant())
    await refused(call, "refused", "a version that is not offered")


async def a_backup_can_be_fetched(probe: Probe) -> None:
    """Its URL needs no credential, and its contents have the digest that the region names."""
    migration = probe.migration()
    _, addon = await _provisioned(probe, migration)
    backup = await _backed_up(probe, addon.id, migration)
    async with httpx.AsyncClient(trust_env=False) as anybody:
        answer = await anybody.get(await probe.region.backup_url(addon.id, backup.id))
    expect(answer.is_success, "a backup's URL needs no credential")
    expect(len(answer.content) == backup.size, "a backup has the size that the region names")
    expect(hashlib.sha256(answer.content).hexdigest() == backup.digest, "the digest is the sha256, in hex")


async def a_restore_brings_the_same_contents(probe: Probe) -> None:
    """Also a second time: each restore begins with a freshly created database."""
    migration, region = probe.migration(), probe.region
    app, addon = await _provisioned(probe, migration)
    before = await probe.done(app, await region.fingerprint(app, addon.id, migration.grant()))
    backup = await _backed_up(probe, addon.id, migration)
    for _ in range(2):
        url = await region.backup_url(addon.id, backup.id)
        archive = Archive(url, backup.digest or "", backup.size)
        await probe.done(app, await region.restore(app, addon.id, archive, migration.grant()))
    after = await probe.done(app, await region.fingerprint(app, addon.id, migration.grant()))
    expect("contents" in before, "a fingerprint has contents")
    expect(before == after, "the fingerprint after the restore is the one before the backup")


async def a_restore_can_be_asked_for_with_a_fresh_url(probe: Probe) -> None:
    """The signature of the source's URL is no part of what is asked for."""
    migration, region = probe.migration(), probe.region
    app, addon = await _provisioned(probe, migration)
    backup, grant = await _backed_up(probe, addon.id, migration), migration.grant()
    started = []
    for _ in range(2):
        archive = Archive(await region.backup_url(addon.id, backup.id), backup.digest or "", backup.size)
        started.append(await region.restore(app, addon.id, archive, grant))
        await anyio.sleep(1.1)  # signatures count seconds
    expect(started[0].id == started[1].id, "a freshly signed URL makes no other request")
    await probe.done(app, started[0])


async def a_restore_checks_what_it_pulls(probe: Probe) -> None:
    """A source that is no region is refused; contents with another digest are not restored."""
    migration, region = probe.migration(), probe.region
    app, addon = await _provisioned(probe, migration)
    elsewhere = Archive("http://192.0.2.1/dump", "0" * 64, 1)
    call = region.restore(app, addon.id, elsewhere, migration.grant())
    await refused(call, "refused", "a dump from elsewhere")
    backup = await _backed_up(probe, addon.id, migration)
    damaged = Archive(await region.backup_url(addon.id, backup.id), "0" * 64, backup.size)
    operation = await probe.finish(app, await region.restore(app, addon.id, damaged, migration.grant()))
    expect((operation.status, operation.code) == ("error", "digest_mismatch"), "code digest_mismatch")
