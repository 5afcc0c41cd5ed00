"""Apps that are migrated through the faults, and what each was before."""

from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

import anyio
import asyncpg
import httpx

from services.region.machinery import postgres_fingerprints as fingerprints
from tests.end_to_end.world import SOURCE, World

State = Literal["running", "stopped", "new"]
NEXT = {
    "created": ("preflight",),
    "preflight-success": ("prepare",),
    "prepared": ("data", "data", "finalize"),
    "data-migrated": ("finalize", "abort"),
}
ENDED = ("aborted", "done", "preflight-error")
AWAY = (httpx.HTTPError, KeyError)  # the gateway, or what it needs, does not answer


@dataclass
class Subject:
    """An app of the source region, with its snapshot, its rows, and every migration of it that is known."""

    name: str
    state: State
    before: dict[str, Any] = field(default_factory=dict)
    rows: object = None

    @property
    def domain(self) -> str:
        return f"{self.name}.example.com"

    async def deploy(self, world: World) -> None:
        """Make the app, and remember what it is."""
        if self.state == "new":
            answer = await world.client.post(f"/{SOURCE}/v1/apps", json={"app": {"name": self.name}})
            answer.raise_for_status()
        else:
            await world.deploy(self.name)
        if self.state == "stopped":
            await world.scale(self.name, web=0, clock=0)
        self.before = await world.snapshot(SOURCE, self.name)
        self.rows = await self.rows_in(world, SOURCE)

    async def rows_in(self, world: World, region: str) -> object:
        """Return the fingerprint of the app's database in a region, None if it has none."""
        answer = await world.client.get(f"/{region}/v1/apps/{self.name}/variables?aliases=true")
        found = {each["name"]: each["value"] for each in answer.raise_for_status().json()["variables"]}
        if "DATABASE_URL" not in found:
            return None
        connection = await asyncpg.connect(found["DATABASE_URL"], server_settings=fingerprints.SETTINGS)
        try:
            return await fingerprints.fingerprint(connection)
        finally:
            await connection.close()

    async def migrations(self, world: World) -> list[dict[str, Any]]:
        """Return the migrations of the app, the newest first."""
        answer = await world.client.get(f"/{SOURCE}/v1/apps/{self.name}/region_migrations")
        found: list[dict[str, Any]] = answer.raise_for_status().json()
        return found

    async def drive(self, world: World, random: Random) -> None:
        """Migrate the app through random steps, abort at random moments, and begin again; until cancelled."""
        while True:
            await anyio.sleep(random.uniform(0.2, 2.5))
            try:
                await self._act(world, random)
            except AWAY:
                continue

    async def _act(self, world: World, random: Random) -> None:
        newest = next(iter(await self.migrations(world)), None)
        status = newest["status"] if newest else "aborted"
        if newest is None or status in ("aborted", "preflight-error"):
            await world.create(self.name)
        elif status not in ENDED and random.random() < 0.12:
            await world.run(self.name, newest["id"], "abort")
        elif status == "error":
            await world.run(self.name, newest["id"], random.choice(("prepare", "data", "finalize", "abort")))
        elif status in NEXT:
            await world.run(self.name, newest["id"], random.choice(NEXT[status]))

    async def settle(self, world: World, random: Random) -> bool:
        """Bring the newest migration to its end, done or aborted; False if the gateway did not answer."""
        to_the_end = random.random() < 0.5
        try:
            while (newest := next(iter(await self.migrations(world)), None)) and newest[
                "status"
            ] not in ENDED:
                if newest["status"] == "error" or (newest["status"] in NEXT and not to_the_end):
                    await world.run(self.name, newest["id"], "abort")
                elif newest["status"] in NEXT:
                    await world.run(self.name, newest["id"], NEXT[newest["status"]][0])
                await anyio.sleep(0.5)
        except AWAY:
            return False
        return True
