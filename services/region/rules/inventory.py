"""The inventory of an app: names, ids, counts and digests, never a value."""

from collections.abc import Sequence
from dataclasses import asdict

from events import inventory
from services.region.catalogue import Catalogue
from services.region.rules.status import at_rest
from services.region.state.addons import Addon
from services.region.state.apps import App
from services.region.state.deployments import Deployment
from services.region.state.domains import Domain
from services.region.state.formation import ProcessType
from services.region.state.surroundings import Counts
from services.region.state.variables import Variable


def take(
    app: App,
    catalogue: Catalogue,
    *,
    formation: Sequence[ProcessType],
    build: Deployment | None,
    variables: Sequence[Variable],
    domains: Sequence[Domain],
    addons: Sequence[Addon],
    counts: Counts,
) -> inventory.Inventory:
    """Return what there is of the app now."""
    return inventory.Inventory(
        app_id=app.id,
        status=at_rest(app),
        containers=tuple(
            inventory.Container(name=each.name, amount=each.amount, size=each.size) for each in formation
        ),
        build=_build(build) if build else None,
        variables=tuple(variable.name for variable in variables),
        domains=tuple(inventory.Domain(id=domain.id, name=domain.name) for domain in domains),
        addons=tuple(_addon(addon, catalogue, variables) for addon in addons),
        **asdict(counts),
    )


def _build(deployment: Deployment) -> inventory.Build:
    assert deployment.digest is not None
    assert deployment.size_bytes is not None
    return inventory.Build(
        deployment_id=deployment.id, digest=deployment.digest, size_bytes=deployment.size_bytes
    )


def _addon(addon: Addon, catalogue: Catalogue, variables: Sequence[Variable]) -> inventory.Addon:
    provider = catalogue.provider(addon.provider_id)
    return inventory.Addon(
        id=addon.id,
        provider=provider.id,
        plan=provider.plan(addon.plan_id).name,
        version=addon.version,
        has_data=provider.has_data,
        variables=tuple(variable.name for variable in variables if variable.addon_id == addon.id),
    )
