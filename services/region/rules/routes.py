"""What the front serves: a pure function of the apps, their domains, their hand-overs and their ports."""

from collections.abc import Mapping, Sequence

from services.region.machinery.front import AppRoute, HandoverRoute, Route
from services.region.state.apps import App
from services.region.state.domains import Domain
from services.region.state.handovers import Handover


def routes(
    apps: Sequence[App],
    domains: Sequence[Domain],
    handovers: Sequence[Handover],
    ports: Mapping[str, Sequence[int]],
    apps_domain: str,
) -> list[Route]:
    """Return the routes, in the order of the apps. A migrated app that was not handed over has none."""
    handed_over = {handover.app_id: handover for handover in handovers}
    found = []
    for app in apps:
        own = f"{app.name}.{apps_domain}"
        custom = tuple(domain.name for domain in domains if domain.app_id == app.id)
        if handover := handed_over.get(app.id):
            found.append(_handover(own, custom, handover))
        elif not app.migrated_to:
            found.append(_app(own, custom, ports.get(app.id, ())))
    return found


def _handover(own: str, custom: tuple[str, ...], handover: Handover) -> Route:
    return HandoverRoute(own_host=own, custom_hosts=custom, front=handover.front, new_host=handover.host)


def _app(own: str, custom: tuple[str, ...], ports: Sequence[int]) -> Route:
    return AppRoute(hosts=(own, *custom), upstreams=tuple(ports))
