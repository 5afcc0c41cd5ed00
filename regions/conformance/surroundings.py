"""What stands around an app: who works on it, where it comes from, who is told about it, what scales it."""

# ruff: noqa: D401 - a check's docstring is the requirement

from regions import model
from regions.conformance.probe import Migration, Probe, expect
from regions.errors import NotFoundError

WEBHOOK = "https://storky-check.example.com/hook"
COLLEAGUE = model.Collaborator(
    id="", email="colleague@example.com", username="colleague", user_id="us-colleague", status="accepted"
)
LINK = model.ScmLink(
    scm_type="github",
    url="https://github.com/storky-check/app",
    branch="main",
    auth_integration_uuid="8e624121-2ce3-4b01-9bf4-d5e2b32df7e9",
    auto_deploy_enabled=True,
)
WEB = model.Container(name="web", amount=0, size="M", command="true")


async def a_copied_collaborator_has_accepted(probe: Probe) -> None:
    """Whoever had accepted elsewhere need not accept again; copied twice, they are one."""
    migration = probe.migration()
    app, region = await probe.app(migration), probe.region
    for _ in range(2):
        await region.add_collaborator(app, COLLEAGUE, migration.grant())
    found = await region.collaborators(app)
    expect(
        [(each.email, each.status) for each in found] == [(COLLEAGUE.email, "accepted")],
        "a copied collaborator is there once, and has accepted",
    )


async def an_scm_link_is_kept(probe: Probe) -> None:
    """None is 404; one is read back as it was written; the same again changes nothing."""
    migration = probe.migration()
    app, region = await probe.app(migration), probe.region
    try:
        await region.scm_link(app)
    except NotFoundError:
        pass
    else:
        expect(kept=False, requirement="an app without a link answers 404")
    for _ in range(2):
        await region.link_scm(app, LINK, migration.grant())
    found = await region.scm_link(app)
    expect(
        (found.branch, found.auto_deploy_enabled, found.auth_integration_uuid)
        == (LINK.branch, LINK.auto_deploy_enabled, LINK.auth_integration_uuid),
        "a link is read back as it was written",
    )


async def notifiers_and_alerts_are_copied_once(probe: Probe) -> None:
    """The copy of the same source is one; an alert names this region's notifiers."""
    migration = probe.migration()
    app, region = await probe.app(migration), probe.region
    await region.set_formation(app, [WEB], migration.grant())
    notifier = await _notifier(probe, app, migration)
    again = await _notifier(probe, app, migration)
    expect(again.id == notifier.id, "copying a notifier twice makes one")
    wanted = model.Alert(
        id="al-of-source", container_type="web", metric="cpu", limit=0.8, notifiers=(notifier.id,)
    )
    alerts = [await region.add_alert(app, wanted, migration.grant()) for _ in range(2)]
    expect(alerts[0].id == alerts[1].id, "copying an alert twice makes one")
    found = await region.alerts(app)
    expect([alert.notifiers for alert in found] == [(notifier.id,)], "an alert keeps its notifiers")


async def _notifier(probe: Probe, app: str, migration: Migration) -> model.Notifier:
    region = probe.region
    platform = await region.notification_platform("webhook")
    selected = [event.id for event in await region.event_types()][:1]
    wanted = model.Notifier(
        id="no-of-source",
        name="check",
        type=platform.name,
        active=True,
        send_all_events=False,
        selected_event_ids=tuple(selected),
        type_data={"webhook_url": WEBHOOK},
        platform_id=platform.id,
    )
    return await region.add_notifier(app, wanted, migration.grant())


async def autoscalers_are_copied_once(probe: Probe) -> None:
    """One for each container type and metric."""
    migration = probe.migration()
    app, region = await probe.app(migration), probe.region
    await region.set_formation(app, [WEB], migration.grant())
    wanted = model.Autoscaler(
        id="", container_type="web", metric="cpu", target=0.7, min_containers=1, max_containers=3
    )
    for _ in range(2):
        await region.add_autoscaler(app, wanted, migration.grant())
    found = [scaler.model_copy(update={"id": ""}) for scaler in await region.autoscalers(app)]
    expect(found == [wanted], "an autoscaler is there once, as it was written")


async def log_drains_are_copied_once(probe: Probe) -> None:
    """By their whole address."""
    migration = probe.migration()
    app, region = await probe.app(migration), probe.region
    drain = model.LogDrain(id="", url="syslog+tls://token@logs.example.com:6514")
    for _ in range(2):
        await region.add_log_drain(app, drain, migration.grant())
    found = await region.log_drains(app)
    expect([each.url for each in found] == [drain.url], "a drain is there once, with its whole address")


async def limits_are_kept(probe: Probe) -> None:
    """An app's own limit is read back with the app."""
    migration = probe.migration()
    app, region = await probe.app(migration), probe.region
    wanted = model.Limits(max_image_bytes=123_456_789)
    await region.set_limits(app, wanted, migration.grant())
    expect((await region.app(app)).limits == wanted, "the limits are read back as they were written")


async def what_the_region_offers_is_known(probe: Probe) -> None:
    """Stacks, sizes of containers, and how much room there is."""
    region = probe.region
    expect(bool(await region.stacks()), "the region has a stack")
    expect(bool(await region.container_sizes()), "the region has a container size")
    capacity = await region.capacity()
    expect(
        0 <= capacity.memory_free_bytes <= capacity.memory_bytes,
        "the memory that is free is a part of all memory",
    )
