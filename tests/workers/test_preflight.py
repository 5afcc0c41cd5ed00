"""What the checks find, in the words that the user reads."""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from events.failures import messages
from events.vocabulary import WORKERS, AppRef, Service, Step
from local.ports import free_port
from regions import model
from regions.http import HttpRegion
from regions.port import Grant
from tests.certificates import certificate
from tests.regions.platform import Place
from tests.workers.conftest import MEMORY, Hire
from tests.workers.desk import DESTINATION, SOURCE, Desk, task
from tests.workers.owner import Owner, owner

pytestmark = pytest.mark.anyio

ADDONS = (
    ("postgresql", "postgresql-sandbox"),
    ("redis", "redis-starter-256"),
    ("logbook", "logbook-free"),
    ("agora-scheduler", "agora-scheduler-free"),
)
# What no region would take from an owner, but storky may find all the same: it writes it in its own name.
FORMATION = [
    model.Container(name="web", amount=9, size="M"),
    model.Container(name="huge", amount=1, size="2XL"),
]


async def failure(desk: Desk, service: Service, name: str, app: str, **more: Any) -> list[str]:
    """Return what a check says; it must fail."""
    new_name = more.pop("new_name", app)
    requested = task(
        service,
        name,
        step=Step.PREFLIGHT,
        source=AppRef(region=SOURCE, app=app),
        destination=AppRef(region=DESTINATION, app=new_name),
        **more,
    )
    await desk.request(requested)
    return messages((await desk.failure(requested)).reasons).splitlines()


async def refusal(desk: Desk, app: str) -> str:
    """Return what the check of the app says; it must fail for one reason."""
    (line,) = await failure(desk, Service.APPS, "check-app", app)
    return line


def begin(lines: Sequence[str], *beginnings: str) -> bool:
    return len(lines) == len(beginnings) and all(map(str.startswith, lines, beginnings))


async def test_every_check_names_all_that_stands_in_the_way(
    desk: Desk, hire: Hire, places: Mapping[str, Place], known: dict[str, dict[str, str]]
) -> None:
    for service in WORKERS:
        await hire(service, known).start()
    app, migration = f"app-{uuid4().hex[:8]}", uuid4()
    async with owner(places[SOURCE]) as old, owner(places[DESTINATION]) as new:
        addons = await unmovable(places[SOURCE], old, app, migration)
        await new.create(app)

    lines = await failure(desk, Service.ADDONS, "check-addon-versions", app)
    assert begin(lines, "osc-fr1 does not offer Redis 7")

    lines = await failure(desk, Service.ADDONS, "check-addon-plans", app)
    expected = {
        f"The addon {addons['postgresql']} holds ",
        f"osc-fr1 does not offer the plan logbook-free of Logbook, which the addon {addons['logbook']} has.",
        f"osc-fr1 does not offer Agora Scheduler, which the addon {addons['agora-scheduler']} is of.",
    }
    assert {each for each in expected for line in lines if line.startswith(each)} == expected
    assert len(lines) == len(expected)

    lines = await failure(desk, Service.ROUTING, "check-certificates", app)
    assert begin(
        lines, f"The certificate of a.{app}.example expires on", f"The certificate of b.{app}.example"
    )

    lines = await failure(desk, Service.APPS, "check-destination", app)
    assert begin(
        lines,
        f"The name {app} is taken in osc-fr1.",
        "osc-fr1 does not offer the stack storky-20, on which the app was built.",
        "osc-fr1 does not offer a container size that the app uses: 2XL.",
        f"osc-fr1 has {MEMORY} bytes of memory left for containers; {app} needs {9 * 2**29}.",
    )

    lines = await failure(
        desk,
        Service.APPS,
        "preflight-verdict",
        app,
        inputs={"failed": {"labels": ["Check this", "Check that"]}},
    )
    assert begin(lines, "Checks that failed: Check this, Check that. Correct what they say")


async def unmovable(place: Place, user: Owner, app: str, migration: UUID) -> dict[str, str]:
    """Make an app that no check lets pass; returns the ids of its addons."""
    await user.call("POST", "/apps", {"app": {"name": app, "stack_id": "storky-20"}})
    ids = {provider: await user.add(provider, plan, app) for provider, plan in ADDONS}
    for name in ("b", "a"):
        pair = certificate([f"{name}.{app}.example"], datetime.now(UTC) + timedelta(days=20))
        domain = {"name": f"{name}.{app}.example", "tlscert": pair.tlscert, "tlskey": pair.tlskey}
        await user.call("POST", f"/apps/{app}/domains", {"domain": domain})
    async with aclosing(HttpRegion(SOURCE, place.api, place.credential)) as region:
        await region.freeze(app, AppRef(region=DESTINATION, app=app), Grant(migration, 1, "freeze"))
        await region.set_formation(app, FORMATION, Grant(migration, 1, "formation"))
    return ids


async def test_an_app_that_is_not_there_or_another_migrations_is_not_migrated(
    desk: Desk, hire: Hire, places: Mapping[str, Place], known: dict[str, dict[str, str]]
) -> None:
    await hire(Service.APPS, known).start()
    app = f"app-{uuid4().hex[:8]}"
    async with owner(places[SOURCE]) as old:
        await old.create(app)

    assert (await refusal(desk, "missing")).startswith("There is no app missing in agora-fr1.")
    region = HttpRegion(SOURCE, places[SOURCE].api, places[SOURCE].credential)
    await region.freeze(app, AppRef(region=DESTINATION, app=app), Grant(uuid4(), 1, "freeze"))
    await region.aclose()
    assert (await refusal(desk, app)).startswith(f"Another migration holds the app {app} in agora-fr1.")


async def test_a_destination_that_does_not_answer(
    desk: Desk, hire: Hire, places: Mapping[str, Place], known: dict[str, dict[str, str]]
) -> None:
    away = {"api": f"http://127.0.0.1:{free_port()}", "credential": "credential"}
    await hire(Service.APPS, {**known, DESTINATION: away}, STORKY_TASK_ATTEMPTS="2").start()
    app = f"app-{uuid4().hex[:8]}"
    async with owner(places[SOURCE]) as old:
        await old.create(app)

    lines = await failure(desk, Service.APPS, "check-destination", app)
    assert lines == ["The region osc-fr1 does not answer. Try again later."]
