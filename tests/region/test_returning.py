"""An app that has moved away is deleted, and comes back: who serves its hosts, and who may have them."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import anyio
import asyncpg
import pytest

from tests.region.harness import Client, Place, Storky, deploy, new_app, site
from tests.region.test_addons import POSTGRESQL, added

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Moved:
    """An app of ada's that has moved from one region to the other, and was handed over."""

    name: str
    old: Place
    ada: Client
    bob: Client
    source: Storky
    front: str

    @property
    def app(self) -> str:
        return f"/v1/apps/{self.name}"

    @property
    def domain(self) -> str:
        return f"{self.name}.example.com"

    async def pages(self) -> list[str]:
        """Return what visitors of the old region see: its own host, the custom one, and that by HTTPS."""
        answers = [
            await self.old.visit(f"{self.name}.agora-fr1.localhost"),
            await self.old.visit(self.domain),
            await self.old.visit_tls(self.domain),
        ]
        return [answer.text.strip() for answer in answers]

    async def hand_over(self, seconds: float) -> None:
        body = {
            "region": "osc-fr1",
            "app": self.name,
            "front": self.front,
            "host": f"{self.name}.osc-fr1.localhost",
            "expires_at": (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(),
        }
        assert (await self.source.call("POST", f"{self.app}/handover", body)).status_code == 200


@pytest.fixture
async def moved(regions: Mapping[str, Place]) -> AsyncIterator[Moved]:
    old, new = regions["agora-fr1"], regions["osc-fr1"]
    source, name = old.storky(), f"app-{uuid4().hex[:8]}"
    async with source.http, old.user("ada") as ada, old.user("bob") as bob, new.user("ada") as there:
        yielded = Moved(name, old, ada, bob, source, new.front.front_url)
        for side, text in ((ada, "old"), (there, "new")):
            await new_app(side, name)
            await side.post(f"/v1/apps/{name}/domains", json={"domain": {"name": yielded.domain}})
            await deploy(side, name, site(text))
        yield yielded


async def leave(moved: Moved, seconds: float) -> None:
    """End the migration at the source."""
    await moved.source.freeze(moved.name)
    await moved.source.done("POST", f"{moved.app}/stop", {})
    await moved.hand_over(seconds)
    destination = {"region": "osc-fr1", "app": moved.name}
    assert (await moved.source.call("POST", f"{moved.app}/migrated", destination)).status_code == 200


async def deleted(http: Client, app: str) -> int:
    return (await http.delete(f"{app}?current_name={app.rpartition('/')[2]}")).status_code


async def test_the_handover_outlives_the_app(moved: Moved) -> None:
    addon = await added(moved.ada, moved.app, POSTGRESQL)
    variables = (await moved.ada.get(f"{moved.app}/variables")).json()["variables"]
    assert await moved.pages() == ["old"] * 3
    await leave(moved, seconds=300)
    assert await moved.pages() == ["new"] * 3

    assert (await moved.ada.put(moved.app, json={})).json()["code"] == "app_migrated"
    assert await deleted(moved.bob, moved.app) == 404
    assert await deleted(moved.ada, moved.app) == 204

    assert (await moved.ada.get(moved.app)).status_code == 404
    assert (await moved.source.http.get(f"/api/databases/{addon['id']}/backups")).status_code == 404
    with pytest.raises(asyncpg.PostgresError):
        await asyncpg.connect(variables[0]["value"])
    assert await moved.pages() == ["new"] * 3
    await only_its_owner_may_have_its_names(moved)
    await the_owner_comes_back(moved)

    # The migration can end it all.
    assert (await moved.source.call("DELETE", f"{moved.app}/handover")).status_code == 204
    assert (await moved.old.visit(moved.domain)).status_code == 404
    assert (await new_app(moved.bob, moved.name)) == moved.name


async def only_its_owner_may_have_its_names(moved: Moved) -> None:
    other = f"/v1/apps/{await new_app(moved.bob)}"
    body: dict[str, Any] = {"domain": {"name": moved.domain}}
    named = {"app": {"name": moved.name}}
    strangers = moved.old.storky()
    async with strangers.http:
        await strangers.freeze(other.rpartition("/")[2])
        refusals = [
            await moved.bob.post("/v1/apps", json=named),
            await strangers.create(moved.name),
            await strangers.call("POST", f"{other}/domains", body),
        ]
        await strangers.call("DELETE", f"{other}/freeze")
    refusals.append(await moved.bob.post(f"{other}/domains", json=body))
    for answer in refusals:
        assert answer.status_code == 422
        assert "is kept until" in answer.json()["errors"]["name"][0]


async def the_owner_comes_back(moved: Moved) -> None:
    await new_app(moved.ada, moved.name)
    body = {"domain": {"name": moved.domain}}
    assert (await moved.ada.post(f"{moved.app}/domains", json=body)).status_code == 201
    assert await moved.pages() == ["new"] * 3
    await deploy(moved.ada, moved.name, site("back"))
    assert await moved.pages() == ["back"] * 3
    assert await deleted(moved.ada, moved.app) == 204
    assert await moved.pages() == ["new"] * 3


async def test_a_domain_comes_back_before_the_old_app_is_deleted(moved: Moved) -> None:
    await leave(moved, seconds=300)
    body = {"domain": {"name": moved.domain}}
    other = f"/v1/apps/{await new_app(moved.bob)}"
    assert (await moved.bob.post(f"{other}/domains", json=body)).status_code == 422
    again = await moved.ada.post("/v1/apps", json={"app": {"name": moved.name}})
    assert again.json()["errors"] == {"name": ["has already been taken"]}

    name = await new_app(moved.ada)
    assert (await moved.ada.post(f"/v1/apps/{name}/domains", json=body)).status_code == 201
    assert await moved.pages() == ["new"] * 3
    await deploy(moved.ada, name, site("back"))

    assert await moved.pages() == ["new", "back", "back"]


async def test_everything_is_free_when_the_handover_has_expired(moved: Moved) -> None:
    await leave(moved, seconds=4)
    assert await deleted(moved.ada, moved.app) == 204
    with anyio.fail_after(30):
        while (await moved.bob.post("/v1/apps", json={"app": {"name": moved.name}})).status_code != 201:
            await anyio.sleep(0.1)
        while (await moved.old.visit(moved.domain)).status_code != 404:
            await anyio.sleep(0.1)
    body = {"domain": {"name": moved.domain}}
    assert (await moved.bob.post(f"{moved.app}/domains", json=body)).status_code == 201
    kept = await moved.source.http.get(f"/v1/migrations/{moved.source.migration}/resources")
    with anyio.fail_after(30):
        while kept.json() != {"resources": []}:
            await anyio.sleep(0.1)
            kept = await moved.source.http.get(f"/v1/migrations/{moved.source.migration}/resources")
