"""A frozen app belongs to its migration."""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import anyio
import httpx
import pytest

from tests.region.harness import (
    ELSEWHERE,
    Client,
    Place,
    Storky,
    archive,
    begin_deployment,
    deploy,
    ended,
    new_app,
    site,
)

pytestmark = pytest.mark.anyio

NOT_FOR_USERS = {
    "freeze",
    "stop",
    "start",
    "formation",
    "build",
    "restore",
    "fingerprint",
    "handover",
    "migrated",
}


@pytest.fixture
async def frozen(ada: Client, storky: Storky) -> AsyncIterator[str]:
    """The path of an app that is frozen by `storky`."""
    app = f"/v1/apps/{await new_app(ada)}"
    assert (await storky.call("POST", f"{app}/freeze", ELSEWHERE)).status_code == 200
    yield app
    await storky.call("DELETE", f"{app}/freeze")


async def mutating_calls(http: Client, app: str) -> list[tuple[str, str]]:
    """Return every call of the region's API that could change the app."""
    paths = (await http.get("/openapi.json")).json()["paths"]
    prefix = "/v1/apps/{app}"
    return [
        (method.upper(), re.sub(r"\{\w+\}", "x", path.replace(prefix, app)))
        for path, methods in paths.items()
        for method in methods
        if path.startswith(prefix) and method != "get" and not path.endswith("/token")
    ]


async def test_every_mutating_call_is_refused_to_everybody_else(
    place: Place, ada: Client, frozen: str
) -> None:
    calls = await mutating_calls(ada, frozen)
    assert len(calls) > 20
    other = place.storky()
    async with other.http:
        for method, path in calls:
            answers = [await other.call(method, path, {})]
            if path.rpartition("/")[2] not in NOT_FOR_USERS:
                answers.append(await ada.request(method, path, json={}))
            for answer in answers:
                assert (answer.status_code, answer.json()["code"]) == (403, "app_migrating"), (method, path)
                assert "abort" in answer.json()["error"]
    assert (await ada.get(frozen)).json()["app"]["status"] == "migrating"


async def test_reading_goes_on(ada: Client, frozen: str) -> None:
    for path in ("", "/variables", "/containers", "/ps", "/domains", "/addons", "/deployments", "/logs"):
        assert (await ada.get(f"{frozen}{path}")).status_code == 200


async def test_the_inventory_is_of_the_moment_of_the_freeze(ada: Client, storky: Storky) -> None:
    name = await new_app(ada)
    app = f"/v1/apps/{name}"
    await ada.post(f"{app}/domains", json={"domain": {"name": f"{name}.example.com"}})
    await ada.put(f"{app}/variables", json={"variables": [{"name": "SECRET", "value": "hunter2"}]})
    order = {"addon_provider_id": "logbook", "plan_id": "logbook-free"}
    addon = (await ada.post(f"{app}/addons", json={"addon": order})).json()["addon"]["id"]
    deployment = await deploy(ada, name, site())

    inventory = (await until_frozen(storky, app))["inventory"]

    assert inventory["status"] == "running"
    assert inventory["containers"] == [{"name": "web", "amount": 1, "size": "M"}]
    assert inventory["build"]["deployment_id"] == deployment["id"]
    assert inventory["variables"] == ["LOGBOOK_TOKEN", "LOGBOOK_URL", "SECRET"]
    assert [domain["name"] for domain in inventory["domains"]] == [f"{name}.example.com"]
    assert inventory["addons"] == [
        {
            "id": addon,
            "provider": "logbook",
            "plan": "logbook-free",
            "version": "1",
            "has_data": False,
            "variables": ["LOGBOOK_TOKEN", "LOGBOOK_URL"],
        }
    ]
    assert "hunter2" not in str(inventory)
    await storky.done("POST", f"{app}/stop", {})
    assert (await until_frozen(storky, app))["inventory"] == inventory


async def until_frozen(storky: Storky, app: str) -> dict[str, Any]:
    while (answer := await storky.call("POST", f"{app}/freeze", ELSEWHERE)).status_code == 503:
        assert answer.json()["code"] in ("operation_running", "deployment_running")
        await anyio.sleep(0.05)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_deployment_that_runs_is_waited_for_and_none_begins(ada: Client, storky: Storky) -> None:
    name = await new_app(ada)
    app = f"/v1/apps/{name}"
    slow = site(web="sleep 1; exec python -m http.server --bind 127.0.0.1 $PORT")
    deployment = await begin_deployment(ada, name, archive(slow))

    first = await storky.call("POST", f"{app}/freeze", ELSEWHERE)

    assert (first.status_code, first.json()["code"]) == (503, "deployment_running")
    assert (await ada.put(app, json={})).json()["code"] == "app_migrating"
    assert (await until_frozen(storky, app))["inventory"]["status"] == "running"
    assert (await ada.get(deployment)).json()["deployment"]["status"] == "success"


async def test_unfreezing_gives_the_app_back(place: Place, ada: Client, storky: Storky) -> None:
    name = await new_app(ada)
    app = f"/v1/apps/{name}"
    await deploy(ada, name, site())
    for _ in range(2):
        assert (await storky.call("DELETE", f"{app}/freeze")).status_code == 204
    await until_frozen(storky, app)
    other = place.storky()
    async with other.http:
        assert (await other.call("DELETE", f"{app}/freeze")).json()["code"] == "app_migrating"

    await storky.done("POST", f"{app}/stop", {})
    assert (await place.visit(f"{name}.osc-fr1.localhost")).status_code == 503
    await storky.done("POST", f"{app}/start", {})
    assert (await storky.call("DELETE", f"{app}/freeze")).status_code == 204

    assert (await ada.get(app)).json()["app"]["status"] == "running"
    assert (await place.visit(f"{name}.osc-fr1.localhost")).text == "hello\n"
    assert (await ada.put(app, json={})).status_code == 200


async def test_a_stopped_app_keeps_its_formation(ada: Client, storky: Storky) -> None:
    name = await new_app(ada)
    app = f"/v1/apps/{name}"
    await deploy(ada, name, site())
    await until_frozen(storky, app)
    await storky.done("POST", f"{app}/stop", {})
    await storky.done("POST", f"{app}/stop", {})

    shown = (await ada.get(app)).json()["app"]
    assert (shown["desired"], shown["status"], shown["frozen"]) == ("stopped", "migrating", True)
    assert (await ada.get(f"{app}/containers")).json()["containers"][0]["amount"] == 1
    assert (await ada.get(f"{app}/ps")).json() == {"containers": []}


async def test_unfreezing_starts_what_ran_before_the_freeze(
    place: Place, ada: Client, storky: Storky
) -> None:
    name = await new_app(ada)
    app = f"/v1/apps/{name}"
    await deploy(ada, name, site())
    await until_frozen(storky, app)
    await storky.done("POST", f"{app}/stop", {})

    assert (await storky.call("DELETE", f"{app}/freeze")).status_code == 204

    assert (await ada.get(app)).json()["app"]["status"] == "running"
    assert (await place.visit(f"{name}.osc-fr1.localhost")).text == "hello\n"


async def test_a_migrated_app_is_read_only_for_good(place: Place, ada: Client, storky: Storky) -> None:
    name = await new_app(ada)
    app = f"/v1/apps/{name}"
    await deploy(ada, name, site())
    await until_frozen(storky, app)

    marked = await storky.call("POST", f"{app}/migrated", {"region": "agora-fr1", "app": name})

    assert (marked.status_code, marked.json()["app"]["status"]) == (200, "migrated")
    refused = await ada.put(app, json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "app_migrated")
    assert f"agora-fr1/{name}" in refused.json()["error"]
    assert (await place.visit(f"{name}.osc-fr1.localhost")).status_code == 404
    other = place.storky()
    async with other.http:
        assert (await other.call("POST", f"{app}/freeze", ELSEWHERE)).json()["code"] == "app_migrated"
    assert (await storky.call("DELETE", f"{app}/freeze")).status_code == 204
    assert (await place.visit(f"{name}.osc-fr1.localhost")).text == "hello\n"


async def test_what_does_not_become_healthy_is_stopped_again(ada: Client, storky: Storky) -> None:
    name = await new_app(ada)
    app = f"/v1/apps/{name}"
    await deploy(ada, name, site())
    await until_frozen(storky, app)
    await storky.done("POST", f"{app}/stop", {})
    formation = {"containers": [{"name": "web", "amount": 1, "size": "M", "command": "sleep 1000"}]}
    await storky.call("PUT", f"{app}/formation", formation)

    operation = await ended(storky.http, await storky.call("POST", f"{app}/start", {}))

    assert (operation["status"], operation["code"]) == ("error", "app_unhealthy")
    assert (await ada.get(f"{app}/ps")).json() == {"containers": []}
    assert (await ada.get(app)).json()["app"]["desired"] == "stopped"


async def test_an_app_that_does_not_exist(storky: Storky) -> None:
    for method, path in (("POST", "freeze"), ("DELETE", "freeze"), ("POST", "stop")):
        answer: httpx.Response = await storky.call(method, f"/v1/apps/{uuid4().hex[:9]}/{path}", {})
        assert (answer.status_code, answer.json()["resource"]) == (404, "app")
