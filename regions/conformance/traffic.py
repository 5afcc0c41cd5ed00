"""Domains, and handing an app's visitors over."""

# ruff: noqa: D401 - a check's docstring is the requirement

import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from events.vocabulary import AppRef
from regions import model
from regions.conformance.certificates import self_signed
from regions.conformance.probe import ELSEWHERE, Probe, expect, refused


async def the_front_is_known(probe: Probe) -> None:
    """A region says where it takes in traffic, and under which domain."""
    front = await probe.region.front()
    expect(urlsplit(front.url).scheme in {"http", "https"}, "the front's url is an http(s) URL")
    expect("." in front.domain, "the front's domain has a dot")


async def adding_a_domain_twice_adds_one(probe: Probe) -> None:
    """Within one migration the existing domain is answered."""
    migration = probe.migration()
    app, region = await probe.app(migration), probe.region
    domain = _domain()
    first = await region.add_domain(app, domain, None, migration.grant())
    again = await region.add_domain(app, domain, None, migration.grant())
    expect(first.id == again.id, "adding a domain twice in one migration answers the same domain")
    expect(len(await region.domains(app)) == 1, "adding a domain twice adds one")


async def a_domain_keeps_its_certificate(probe: Probe) -> None:
    """Certificate and key are read back by the service; a domain without one answers 404."""
    migration = probe.migration()
    app, region = await probe.app(migration), probe.region
    bare = await region.add_domain(app, _domain(), None, migration.grant())
    await refused(region.certificate(app, bare.id), "not_found", "the certificate of a domain without one")
    wanted = _domain()
    pair = self_signed(wanted.name)
    added = await region.add_domain(app, wanted, pair, migration.grant())
    found = await region.certificate(app, added.id)
    expect(found.tlscert.strip() == pair.tlscert.strip(), "the certificate is read back as it was written")
    expect(bool(found.tlskey), "the key is read back too")


def _domain() -> model.Domain:
    return model.Domain(id="", name=f"storky-check-{secrets.token_hex(4)}.example.com")


async def _handover(probe: Probe, app: str) -> model.Handover:
    front = await probe.region.front()
    return model.Handover(
        region="elsewhere",
        app=app,
        front=front.url,
        host=f"{app}.{front.domain}",
        expires_at=datetime.now(UTC) + timedelta(minutes=5),
    )


async def a_handover_can_be_taken_back(probe: Probe) -> None:
    """It is listed while it lasts; taking back what is not there is fine."""
    migration = probe.migration()
    app, region = await probe.app(migration), probe.region
    await region.freeze(app, ELSEWHERE, migration.grant())
    await region.hand_over(app, await _handover(probe, app), migration.grant())
    kinds = [resource.kind for resource in await region.resources(migration.id)]
    expect("handover" in kinds, "resources lists the hand-over")
    await region.take_back(app, migration.grant())
    await region.take_back(app, migration.grant())
    kinds = [resource.kind for resource in await region.resources(migration.id)]
    expect("handover" not in kinds, "resources no longer lists what was taken back")


async def a_handover_leads_to_a_region_only(probe: Probe) -> None:
    """A front that is no region's is refused."""
    migration = probe.migration()
    app = await probe.app(migration)
    await probe.region.freeze(app, ELSEWHERE, migration.grant())
    elsewhere = (await _handover(probe, app)).model_copy(update={"front": "http://192.0.2.1:80"})
    await refused(
        probe.region.hand_over(app, elsewhere, migration.grant()), "refused", "a hand-over to elsewhere"
    )


async def a_migrated_app_is_read_only(probe: Probe) -> None:
    """To everybody but its migration, which can still give it back."""
    maker, migration = probe.migration(), probe.migration()
    app, region = await probe.app(maker), probe.region
    await region.freeze(app, ELSEWHERE, migration.grant())
    await region.mark_migrated(app, AppRef(region="elsewhere", app=app), migration.grant())
    expect((await region.app(app)).status == "migrated", "the app's status is migrated")
    await refused(probe.change(app, maker.grant()), "app_migrated", "changing an app that has moved")
    await region.unfreeze(app, migration.grant())
    expect((await region.app(app)).status == "new", "an app that was given back has its status again")
