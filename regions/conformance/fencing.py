"""Freezing keeps everybody else away from an app, fencing keeps the past away from a migration."""

# ruff: noqa: D401 - a check's docstring is the requirement

from regions.conformance.probe import ELSEWHERE, Probe, expect, refused


async def a_frozen_app_belongs_to_its_migration(probe: Probe) -> None:
    """Others may not change it, freeze it or give it back; its own migration may do it all twice."""
    maker, migration = probe.migration(), probe.migration()
    app, region = await probe.app(maker), probe.region
    await region.freeze(app, ELSEWHERE, migration.grant())
    await region.freeze(app, ELSEWHERE, migration.grant())
    frozen = await region.app(app)
    expect(frozen.frozen, "a frozen app says so")
    expect(frozen.migration_id == migration.id, "a frozen app names the migration that froze it")
    await refused(
        region.freeze(app, ELSEWHERE, maker.grant()), "app_migrating", "freezing what another has frozen"
    )
    await refused(region.unfreeze(app, maker.grant()), "app_migrating", "unfreezing what another has frozen")
    await refused(probe.change(app, maker.grant()), "app_migrating", "changing a frozen app")
    await probe.change(app, migration.grant())


async def freezing_takes_stock(probe: Probe) -> None:
    """The answer is the inventory, and says the same when it is asked for again."""
    migration = probe.migration()
    app = await probe.app(migration)
    inventory = await probe.region.freeze(app, ELSEWHERE, migration.grant())
    expect(inventory.app_id == (await probe.region.app(app)).id, "the inventory names the app's id")
    expect(inventory.status == "new", "the inventory of a new app says new")
    again = await probe.region.freeze(app, ELSEWHERE, migration.grant())
    expect(again == inventory, "freezing again answers the same inventory")


async def unfreezing_restores_the_app(probe: Probe) -> None:
    """The app's status is what it was; giving back what is not frozen is fine."""
    maker, migration = probe.migration(), probe.migration()
    app, region = await probe.app(maker), probe.region
    before = await region.app(app)
    await region.freeze(app, ELSEWHERE, migration.grant())
    await region.unfreeze(app, migration.grant())
    await region.unfreeze(app, migration.grant())
    after = await region.app(app)
    expect((after.status, after.frozen) == (before.status, False), "the app is as it was before the freeze")
    await probe.change(app, maker.grant())


async def a_fence_keeps_lower_epochs_out(probe: Probe) -> None:
    """Nothing is done for them any more, not even what was done before; the new epoch goes on."""
    migration, region = probe.migration(), probe.region
    early, name = migration.grant(), probe.name()
    await probe.create(name, early)
    await region.fence(migration.grant(epoch=2))
    await refused(probe.create(name, early), "fenced", "repeating a call of a lower epoch")
    await refused(probe.change(name, migration.grant()), "fenced", "a call of a lower epoch")
    await refused(region.freeze(name, ELSEWHERE, migration.grant()), "fenced", "freezing for a lower epoch")
    await probe.change(name, migration.grant(epoch=2))


async def a_fence_is_never_lowered(probe: Probe) -> None:
    """A lower fence is refused; the same one again is fine."""
    migration = probe.migration()
    await probe.region.fence(migration.grant(epoch=3))
    await probe.region.fence(migration.grant(epoch=3))
    await refused(probe.region.fence(migration.grant(epoch=2)), "fenced", "lowering a fence")


async def a_fence_outlives_the_app(probe: Probe) -> None:
    """A worker that slept through an abort cannot bring the app back."""
    migration, region = probe.migration(), probe.region
    name = await probe.app(migration)
    await region.fence(migration.grant(epoch=2))
    await region.delete_app(name, migration.grant(epoch=2))
    await refused(probe.create(name, migration.grant()), "fenced", "creating again after the abort")
    await refused(region.app(name), "not_found", "the app after the abort")


async def a_fence_concerns_one_migration(probe: Probe) -> None:
    """Another migration's epochs are its own."""
    fenced, other = probe.migration(), probe.migration()
    await probe.region.fence(fenced.grant(epoch=5))
    await probe.app(other)


async def what_a_migration_made_is_listed(probe: Probe) -> None:
    """Its apps while they exist, and nobody else's."""
    migration, other = probe.migration(), probe.migration()
    name, _ = await probe.app(migration), await probe.app(other)
    listed = await probe.region.resources(migration.id)
    expect([(each.kind, each.app) for each in listed] == [("app", name)], "resources lists the app it made")
    await probe.region.delete_app(name, migration.grant())
    expect(await probe.region.resources(migration.id) == (), "resources lists nothing after the deletion")


async def deleting_twice_is_fine(probe: Probe) -> None:
    """To a service an app that is gone is as good as deleted."""
    migration = probe.migration()
    name = await probe.app(migration)
    await probe.region.delete_app(name, migration.grant())
    await probe.region.delete_app(name, migration.grant())
