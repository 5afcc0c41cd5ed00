"""From what both regions say to the plan that a person reads. Pure."""

from collections.abc import Sequence

from projections.status import Timing
from services.common.mentions import mentions_of_source
from services.gateway.planning import changes, copied, leftovers, wire
from services.gateway.planning.estimate import Estimate, estimate
from services.gateway.planning.model import Addon, Destination, End, Source


def survey(
    source: Source, destination: Destination, old: End, new: End, timings: Sequence[Timing]
) -> wire.MigrationPlan:
    """Return the plan."""
    moving = [addon for addon in source.addons if destination.lacks(addon) is None]
    databases = [addon for addon in moving if addon.has_data]
    found = estimate({addon.id: addon.size_bytes for addon in databases}, timings)
    return wire.MigrationPlan(
        source=old.ref,
        destination=new.ref,
        copied=list(copied.of(source, moving)),
        not_moved=list(leftovers.of(source, destination, new)),
        changes=list(changes.of(source, moving, old, new)),
        mentions=_mentions(source, old),
        databases=[_database(addon, found) for addon in databases],
        stop_seconds=found.stop_seconds if source.app.status == "running" else 0,
        measured_from=found.measured_from,
        assumed=list(found.assumed),
    )


def _mentions(source: Source, old: End) -> list[str]:
    """Return the variables, provided ones apart, that speak of the old app, its databases or its region."""
    known = (old.host, old.at.domain, old.ref.region)
    return sorted(
        {name for word in known for name in mentions_of_source(source.variables, source.provided, word)}
    )


def _database(addon: Addon, found: Estimate) -> wire.Database:
    return wire.Database(
        addon=addon.id,
        provider=addon.addon_provider.name,
        plan=addon.plan.name,
        version=addon.version,
        size_bytes=addon.size_bytes,
        seconds=found.databases[addon.id],
    )
