"""Earlier builds, and how large a build may be."""

from collections.abc import Mapping

import pytest

from tests.region.harness import ELSEWHERE, Client, Place, Storky, deploy, ended, new_app, site

pytestmark = pytest.mark.anyio


async def test_rolling_back_and_the_limit_of_an_image(place: Place, ada: Client, storky: Storky) -> None:
    name = await new_app(ada)
    app, host = f"/v1/apps/{name}", f"{name}.osc-fr1.localhost"
    never_deployed = await ada.post(f"{app}/deployments/x/rollback", json={})
    assert (never_deployed.status_code, never_deployed.json()["resource"]) == (404, "deployment")
    first = await deploy(ada, name, site("first"))
    await deploy(ada, name, site("second"))
    crashed = await deploy(ada, name, site("bad", web="exit 1"))
    without_build = await ada.post(f"{app}/deployments/{crashed['id']}/rollback", json={})
    assert (without_build.status_code, list(without_build.json()["errors"])) == (422, ["deployment"])

    answer = await ada.post(f"{app}/deployments/{first['id']}/rollback", json={})

    assert answer.status_code == 202
    operation = await ended(ada, answer)
    assert (operation["type"], operation["status"]) == ("rollback", "done")
    assert (await place.visit(host)).text == "first\n"
    timeline = (await ada.get(f"{app}/events")).json()["events"]
    ended_as = [each["type_data"] for each in timeline if each["type"] == "deployment"]
    assert [each["status"] for each in ended_as] == ["success", "crashed-error", "success", "success"]
    assert [each["deployment_id"] for each in ended_as][::3] == [first["id"], first["id"]]
    assert (ended_as[0]["pusher"], ended_as[0]["git_ref"], timeline[0]["user"]["id"]) == (
        "ada",
        "v1",
        "us-ada",
    )
    build = (await storky.http.get(f"{app}/build")).json()["build"]
    assert (build["deployment_id"], build["digest"]) == (first["id"], first["image"])
    frozen = (await storky.call("POST", f"{app}/freeze", ELSEWHERE)).json()["inventory"]
    assert frozen["build"]["deployment_id"] == first["id"]
    await storky.call("DELETE", f"{app}/freeze")
    assert (await place.visit(host)).text == "first\n"
    await limits(place, ada, name)


async def limits(place: Place, ada: Client, name: str) -> None:
    app, path = f"/v1/apps/{name}", f"/v1/apps/{name}/limits"
    own = await ada.put(path, json={"limits": {"max_image_bytes": 10**9}})
    assert (own.status_code, own.json()["code"]) == (403, "operators_only")
    async with place.user("op", "operator") as operator:
        for wrong in (0, -1, 10**11, "many"):
            answer = await operator.put(path, json={"limits": {"max_image_bytes": wrong}})
            assert (answer.status_code, list(answer.json()["errors"])) == (422, ["max_image_bytes"])
        assert (await ada.get(app)).json()["app"]["limits"] == {}
        shown = (await operator.put(path, json={"limits": {"max_image_bytes": 100}})).json()["app"]["limits"]
        assert shown == {"max_image_bytes": 100}
        too_large = await deploy(ada, name, site("third"))
        assert too_large["status"] == "build-error"
        assert "image_too_large" in (await ada.get(too_large["links"]["output"])).text
        assert (await place.visit(f"{name}.osc-fr1.localhost")).text == "first\n"
        shown = (await operator.put(path, json={"limits": {"max_image_bytes": None}})).json()["app"]["limits"]
        assert shown == {}


async def test_a_build_that_is_larger_than_the_limit(regions: Mapping[str, Place], storky: Storky) -> None:
    name = f"app-{storky.migration.hex[:8]}"
    await storky.create(name)
    limits = {"limits": {"max_image_bytes": 999}}
    shown = await storky.call("PUT", f"/v1/apps/{name}/limits", limits)
    assert shown.json()["app"]["limits"] == limits["limits"]
    source = f"{regions['agora-fr1'].api}/files/builds/x"
    build = {"source_url": source, "digest": "0" * 64, "size_bytes": 1000, "stack": "storky-24"}

    operation = await ended(storky.http, await storky.call("POST", f"/v1/apps/{name}/build", build))

    assert (operation["status"], operation["code"]) == ("error", "image_too_large")
