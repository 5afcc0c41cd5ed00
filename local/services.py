"""The services of a system: a table of what each is told, and of what must be ready before it starts."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from local.layout import REGIONS, Layout, older_postgres
from local.postgres import BIN

CODE_HOSTS = ("github", "gitlab")
LOOPBACK = ("127.0.0.0/8", "::1/128")  # a receiver on this machine is no stranger

_CATALOGUES = Path(__file__).with_name("catalogues")

Environment = dict[str, str]


@dataclass(frozen=True)
class Service:
    """One process: `python -m services.PACKAGE`, told everything by its environment."""

    name: str
    package: str
    environment: Callable[[Layout], Environment]
    waits_for: tuple[str, ...]


def _database(layout: Layout, service: str) -> Environment:
    login = f"storky_{service}"
    return {"STORKY_DATABASE_URL": layout.database.url(login, layout.database_passwords[login])}


def _archive(layout: Layout) -> Environment:
    return {"STORKY_ARCHIVE": str(layout.archive)}


def _bus(layout: Layout, service: str) -> Environment:
    user = f"storky-{service}"
    return {"STORKY_AMQP_URLS": json.dumps(layout.broker.urls(user, layout.broker_passwords[user]))}


def _known_regions(layout: Layout) -> Environment:
    return _regions(
        layout,
        lambda at: {"front": at.front.front_url, "domain": at.domain, "display_name": at.display_name},
    )


def _worker(layout: Layout, service: str) -> Environment:
    return {
        **_bus(layout, service),
        **_regions(layout, lambda at: {"credential": at.credential}),
        "STORKY_EVIDENCE_KEY": layout.evidence_key,
    }


def _regions(layout: Layout, more: Callable[[Any], dict[str, str]]) -> Environment:
    return {
        "STORKY_REGIONS": json.dumps(
            {name: {"api": at.api, **more(at)} for name, at in layout.regions.items()}
        )
    }


def _migrations(layout: Layout) -> Environment:
    return _database(layout, "migrations") | _bus(layout, "migrations") | _known_regions(layout)


def _relay(layout: Layout) -> Environment:
    return _database(layout, "relay") | _bus(layout, "relay")


def _projector(layout: Layout) -> Environment:
    return _database(layout, "projector") | _archive(layout)


def _timers(layout: Layout) -> Environment:
    return _database(layout, "timers") | _bus(layout, "timers")


def _webhooks(layout: Layout) -> Environment:
    return _database(layout, "webhooks") | _archive(layout) | _webhook_settings(layout)


def _webhook_settings(layout: Layout) -> Environment:
    return {
        "STORKY_WEBHOOK_KEY": layout.webhook_key,
        "STORKY_WEBHOOK_HTTP": "true",
        "STORKY_WEBHOOK_NETWORKS": json.dumps(LOOPBACK),
    }


def _gateway(layout: Layout) -> Environment:
    return {
        **_database(layout, "gateway"),
        **_archive(layout),
        **_bus(layout, "gateway"),
        **_known_regions(layout),
        **_webhook_settings(layout),
        "STORKY_LISTEN": layout.gateway.removeprefix("http://"),
        "STORKY_PUBLIC_URL": layout.gateway,
        "STORKY_JWT_KEY": layout.jwt_key,
        "STORKY_API_TOKENS": json.dumps([_user(name, token) for name, token in layout.tokens.items()]),
        "STORKY_SCM_INTEGRATIONS": json.dumps([_code_host(name) for name in CODE_HOSTS]),
    }


def _code_host(name: str) -> dict[str, str]:
    url = f"https://{name}.com"
    return {"id": str(uuid5(NAMESPACE_URL, url)), "scm_type": name, "url": url}


def _user(name: str, token: str) -> dict[str, str]:
    return {
        "sha256": hashlib.sha256(token.encode()).hexdigest(),
        "id": f"us-{name}",
        "username": name,
        "email": f"{name}@example.com",
        "role": "user" if name == "owner" else name,
    }


def _region(layout: Layout, name: str) -> Environment:
    region = layout.regions[name]
    peers = {peer.name: {"api": peer.api, "front": peer.front.front_url} for peer in layout.regions.values()}
    settings: Mapping[str, str] = {
        "NAME": name,
        "DIR": str(region.directory),
        "DATABASE_URL": region.postgres.url(),
        "LISTEN": region.api.removeprefix("http://"),
        "PUBLIC_URL": f"{layout.gateway}/{name}",
        "FRONT_URL": region.front.front_url,
        "FRONT_TLS_URL": region.front.front_tls_url,
        "FRONT_ADMIN_URL": region.front.admin_url,
        "FRONT_KEY": layout.front_key,
        "APPS_DOMAIN": region.domain,
        "PEERS": json.dumps(peers),
        "SERVICE_CREDENTIAL": region.credential,
        "JWT_KEY": layout.jwt_key,
        "POSTGRES_BIN": str(BIN),
        "POSTGRES_SERVERS": json.dumps(
            [{"url": server.url(), "bin": str(server.bin)} for server in region.older_postgres.values()]
        ),
        "CATALOGUE": str(_CATALOGUES / f"{name}.json"),
    }
    return {f"STORKY_REGION_{key}": value for key, value in settings.items()}


def _servers_of(name: str) -> tuple[str, ...]:
    older = (f"{name}-postgres-{version}" for version in older_postgres(name))
    return (f"{name}-postgres", *older, f"{name}-front")


SERVICES = (
    *(Service(name, "region", partial(_region, name=name), _servers_of(name)) for name in REGIONS),
    Service("migrations", "migrations", _migrations, ("installation",)),
    Service("relay", "relay", _relay, ("installation",)),
    Service("projector", "projector", _projector, ("installation",)),
    Service("timers", "timers", _timers, ("installation",)),
    Service("apps", "apps", partial(_worker, service="apps"), ("installation",)),
    Service("addons", "addons", partial(_worker, service="addons"), ("installation",)),
    Service("routing", "routing", partial(_worker, service="routing"), ("installation",)),
    Service("webhooks", "webhooks", _webhooks, ("installation",)),
    Service("gateway", "gateway", _gateway, ("installation",)),
)
