"""What the front serves: a pure function of the apps, their domains, their hand-overs and their ports.

More than one may lay claim to a host: an app that has moved away, and its owner's new one of that name. The
hand-over keeps the host until the new app is started, and has it again when that is stopped or deleted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from services.region.machinery.authority import Certificate
from services.region.machinery.front_config import AppRoute, HandoverRoute, Route
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
    """Return the routes; no two have a host in common. `handovers` begin with the newest."""
    handed_over = {handover.app_id for handover in handovers}
    here = [app for app in apps if not app.migrated_to and app.id not in handed_over]
    claims: list[Route] = [
        *(_app(app, domains, ports, apps_domain) for app in here if app.desired == "started"),
        *(_handover(handover, apps_domain) for handover in handovers),
        *(_app(app, domains, ports, apps_domain) for app in here if app.desired != "started"),
    ]
    return list(_without_conflicts(claims))


def certificates(
    served: Sequence[Route], domains: Sequence[Domain], handovers: Sequence[Handover]
) -> dict[str, Certificate]:
    """Return the certificate of each custom domain that is served and has one."""
    kept = {name: each for handover in reversed(handovers) for name, each in handover.domains.items()}
    known = kept | {domain.name: domain.certificate for domain in domains if domain.certificate}
    hosts = [host for route in served for host in route.hosts]
    return {host: certificate for host in hosts if (certificate := known.get(host))}


def _app(
    app: App, domains: Sequence[Domain], ports: Mapping[str, Sequence[int]], apps_domain: str
) -> AppRoute:
    own = [domain for domain in domains if domain.app_id == app.id]
    return AppRoute(
        hosts=(f"{app.name}.{apps_domain}", *(domain.name for domain in own)),
        upstreams=tuple(ports.get(app.id, ())),
        force_https=app.force_https,
        sticky=app.sticky_session,
        canonical=next((domain.name for domain in own if domain.canonical), None),
    )


def _handover(handover: Handover, apps_domain: str) -> HandoverRoute:
    return HandoverRoute(
        own_hosts=(f"{handover.app_name}.{apps_domain}",),
        custom_hosts=tuple(handover.domains),
        front=handover.front,
        new_host=handover.host,
    )


def _without_conflicts(claims: Iterable[Route]) -> Iterable[Route]:
    """Give each host to the first that claims it."""
    taken: set[str] = set()
    for claim in claims:
        free = tuple(host for host in claim.hosts if host not in taken)
        taken.update(free)
        if free:
            yield _limited(claim, free)


def _limited(route: Route, hosts: tuple[str, ...]) -> Route:
    match route:
        case AppRoute():
            return replace(route, hosts=hosts)
        case HandoverRoute(own, custom):
            return replace(
                route,
                own_hosts=tuple(host for host in own if host in hosts),
                custom_hosts=tuple(host for host in custom if host in hosts),
            )
