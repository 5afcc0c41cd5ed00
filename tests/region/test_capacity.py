"""A region starts no more than it has the memory for."""

import pytest

from tests.region.conftest import MEMORY
from tests.region.harness import Client, Storky, deploy, ended, new_app, site

pytestmark = pytest.mark.anyio

TOO_MUCH = [{"name": name, "amount": 20, "size": "XL"} for name in ("web", "worker")]  # 80 GB
MEDIUM = 512 * 2**20


async def capacity(http: Client) -> dict[str, int]:
    return dict((await http.get("/v1/capacity")).json()["capacity"])


async def test_what_the_region_has_no_memory_for_is_not_started(ada: Client, storky: Storky) -> None:
    before = await capacity(ada)
    app = f"/v1/apps/{await new_app(ada)}"
    await deploy(ada, app.rpartition("/")[2], site(worker="sleep 1000"))
    formation = (await ada.get(f"{app}/containers")).json()

    after = await capacity(ada)
    assert before["memory_bytes"] == MEMORY
    assert before["memory_free_bytes"] - after["memory_free_bytes"] == MEDIUM
    assert after["disk_free_bytes"] > 0
    refused = await ada.post(f"{app}/scale", json={"containers": TOO_MUCH})
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["containers"])
    assert (await ada.get(f"{app}/containers")).json() == formation

    await storky.freeze(app.rpartition("/")[2])
    await storky.done("POST", f"{app}/stop", {})
    assert (await capacity(ada))["memory_free_bytes"] == before["memory_free_bytes"]
    await storky.call("PUT", f"{app}/formation", {"containers": TOO_MUCH})
    operation = await ended(storky.http, await storky.call("POST", f"{app}/start", {}))
    assert (operation["status"], operation["code"]) == ("error", "no_capacity")
    assert (await ada.get(f"{app}/ps")).json() == {"containers": []}
    await storky.call("PUT", f"{app}/formation", {"containers": [{"name": "web", "amount": 1}]})
    await storky.done("POST", f"{app}/start", {})
