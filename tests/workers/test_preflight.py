"""What the checks find, in the words that the user reads."""

from collections.abc import Mapping
from uuid import uuid4

import pytest

from events.failures import messages
from events.vocabulary import AppRef, Service, Step
from local.ports import free_port
from regions.http import HttpRegion
from regions.port import Grant
from tests.regions.platform import Place
from tests.workers.conftest import Hire
from tests.workers.desk import DESTINATION, SOURCE, Desk, task
from tests.workers.owner import owner

pytestmark = pytest.mark.anyio


async def refusal(desk: Desk, app: str, new_name: str = "") -> str:
    """Return what the check of the app says; it must fail."""
    requested = task(
        Service.APPS,
        "check-app",
        step=Step.PREFLIGHT,
        source=AppRef(region=SOURCE, app=app),
        destination=AppRef(region=DESTINATION, app=new_name or app),
    )
    await desk.request(requested)
    report = await desk.failure(requested)
    return messages(report.reasons)


async def test_what_stands_in_the_way(
    desk: Desk, hire: Hire, places: Mapping[str, Place], known: dict[str, dict[str, str]]
) -> None:
    await hire(Service.APPS, known).start()
    app, other = f"app-{uuid4().hex[:8]}", f"other-{uuid4().hex[:8]}"
    async with owner(places[SOURCE]) as old, owner(places[DESTINATION]) as new:
        await old.create(app)
        await new.create(other)

    assert (await refusal(desk, "missing")).startswith("There is no app missing in agora-fr1.")
    assert (await refusal(desk, app, other)).startswith(f"The name {other} is taken in osc-fr1.")

    region = HttpRegion(SOURCE, places[SOURCE].api, places[SOURCE].credential)
    await region.freeze(app, Grant(uuid4(), 1, "freeze"))
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

    assert await refusal(desk, app) == "The region osc-fr1 does not answer. Try again later."
