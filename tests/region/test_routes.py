"""Who serves a host that more than one lays claim to."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from services.region.machinery.authority import Certificate
from services.region.machinery.front_config import AppRoute, HandoverRoute
from services.region.rules.routes import certificates, routes
from services.region.state.apps import App
from services.region.state.domains import Domain
from services.region.state.handovers import Handover

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OURS = Certificate("ours", "key", NOW, NOW)
THEIRS = Certificate("theirs", "key", NOW, NOW)


def app(app_id: str, desired: str = "started", migrated_to: str | None = None) -> App:
    fields: dict[str, Any] = dict.fromkeys(App.__dataclass_fields__)
    return App(
        **{
            **fields,
            "id": app_id,
            "name": "shop",
            "desired": desired,
            "migrated_to": migrated_to,
            "force_https": False,
            "sticky_session": True,
        }
    )


def domain(app_id: str, name: str = "shop.example.com", certificate: Certificate | None = OURS) -> Domain:
    chain, key = (certificate.chain, certificate.key) if certificate else (None, None)
    return Domain(f"id-{name}", app_id, name, True, False, NOW, chain, key, NOW, NOW)


def handover(app_id: str = "old") -> Handover:
    domains = {"shop.example.com": THEIRS, "www.example.com": None}
    return Handover(
        app_id, uuid4(), "two", "shop", "http://two:1", "shop.two", NOW, "shop", "us-ada", NOW, domains
    )


GONE = HandoverRoute(("shop.one",), ("shop.example.com", "www.example.com"), "http://two:1", "shop.two")
HERE = AppRoute(("shop.one", "shop.example.com"), (1, 2), sticky=True, canonical="shop.example.com")


def test_an_app_that_was_handed_over_is_served_elsewhere_also_when_it_is_gone() -> None:
    for apps in ([app("old", "stopped", "two/shop")], [app("old")], []):
        assert routes(apps, [domain("old")], [handover()], {"old": [1]}, "one") == [GONE]
    assert routes([app("old", "stopped", "two/shop")], [domain("old")], [], {}, "one") == []


def test_an_app_that_came_back_has_its_hosts_as_soon_as_it_is_started() -> None:
    ports, domains = {"new": [1, 2]}, [domain("new")]
    returning = routes([app("new", "stopped")], domains, [handover()], ports, "one")
    assert returning == [GONE]
    assert certificates(returning, domains, [handover()]) == {"shop.example.com": OURS}

    returned = routes([app("new")], domains, [handover()], ports, "one")
    rest = replace(GONE, own_hosts=(), custom_hosts=("www.example.com",))
    assert returned == [HERE, rest]


def test_of_two_handovers_the_newer_one_counts() -> None:
    newer = replace(handover("new"), front="http://three:1", domains={"shop.example.com": None})
    both = [newer, handover()]
    assert routes([], [], both, {}, "one") == [
        HandoverRoute(("shop.one",), ("shop.example.com",), "http://three:1", "shop.two"),
        replace(GONE, own_hosts=(), custom_hosts=("www.example.com",)),
    ]


def test_what_nobody_serves_has_no_certificate_on_the_front() -> None:
    stopped = routes([app("a", "stopped")], [domain("a", certificate=None)], [], {}, "one")
    assert stopped == [replace(HERE, upstreams=())]
    assert certificates(stopped, [domain("a", certificate=None), domain("b", "b.example.com")], []) == {}
