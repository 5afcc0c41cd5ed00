"""What a migration copies. Pure."""

from collections.abc import Iterator, Sequence

from services.gateway.planning.model import Addon, Source
from services.gateway.planning.wire import Copied

SETTINGS = ("force_https", "sticky_session", "router_logs")


def of(source: Source, moving: Sequence[Addon]) -> Iterator[Copied]:
    """Yield each kind of thing with its count; `moving` are the addons that the destination offers."""
    app = source.app
    own = sorted({variable.name for variable in source.variables} - source.provided)
    drains = len(source.log_drains) + sum(addon.log_drains for addon in moving)
    data, others = ([addon for addon in moving if addon.has_data is has] for has in (True, False))
    yield Copied(kind="app", count=1, names=[app.name])
    yield _named("settings", [name for name in SETTINGS if getattr(app, name)] + _canonical(source))
    yield Copied(kind="limits", count=app.limits.max_image_bytes is not None)
    yield _named("container types", [f"{c.name}: {c.amount} x {c.size}" for c in source.containers])
    yield Copied(kind="build", count=app.status != "new")
    yield _named("variables", own)
    yield Copied(kind="collaborators", count=source.accepted)
    yield Copied(kind="SCM link", count=source.scm_link is not None)
    yield _named("domains", [domain.name for domain in source.domains])
    yield _named("certificates", [domain.name for domain in source.domains if domain.ssl])
    yield Copied(kind="notifiers", count=len(source.notifiers))
    yield Copied(kind="alerts", count=len(source.alerts))
    yield Copied(kind="log drains", count=drains)
    yield Copied(kind="autoscalers", count=len(source.autoscalers))
    yield _named("addons without data", [addon.title for addon in others])
    yield _named("databases", [addon.title for addon in data])


def _canonical(source: Source) -> list[str]:
    return [f"canonical domain {domain.name}" for domain in source.domains if domain.canonical]


def _named(kind: str, names: list[str]) -> Copied:
    return Copied(kind=kind, count=len(names), names=names)
