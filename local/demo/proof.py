"""What must be true after the migration, each asked of the running system."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import httpx

from local.errors import LocalError
from local.sample.deploy import Sample
from local.visiting import visit


class DisprovedError(LocalError):
    """Something is not as it should be."""


@dataclass(frozen=True)
class Contents:
    """What the app says of its table, and of its sessions."""

    rows: int
    checksum: str
    sessions: int
    sum: int


class Prover:
    """Asks the fronts as a visitor, and the gateway as the app's owner."""

    def __init__(
        self, client: httpx.AsyncClient, sample: Sample, destination: str, fronts: Mapping[str, str]
    ) -> None:
        self._client = client
        self._sample = sample
        self._destination = destination
        self._fronts = fronts

    async def rows_at_the_source(self) -> Contents:
        """Ask the app through the source's front."""
        return await self._contents(self._sample.region, self._sample.domain)

    async def rows_at_the_destination(self) -> Contents:
        """Ask the app under its own name in the destination."""
        app = await self._app(self._destination)
        return await self._contents(self._destination, httpx.URL(app["base_url"]).host)

    async def prove(self, before: Contents, after: Contents) -> AsyncIterator[str]:
        """Yield each thing that holds; raises DisprovedError at the first that does not."""
        self._check(before == after, "the rows, the sessions or what they hold differ")
        yield (
            f"{self._sample.name} answers in {self._destination} with all its {after.rows:,} rows"
            f" and {after.sessions:,} sessions"
        )
        answered_by = (await self._get(self._sample.region, self._sample.domain, "/")).json()["region"]
        self._check(answered_by == self._destination, f"{self._sample.domain} is answered by {answered_by}")
        yield f"{self._sample.domain}, asked at {self._sample.region}'s front, is answered by {answered_by}"
        app = await self._app(self._sample.region)
        containers = await self._client.get(f"/{self._sample.region}/v1/apps/{self._sample.name}/ps")
        self._check(app["status"] == "migrated", f"the source's status is {app['status']}")
        self._check(containers.json()["containers"] == [], "the source still has containers")
        yield f"the source is {app['status']} and runs no container"
        refused = await self._client.put(
            f"/{self._sample.region}/v1/apps/{self._sample.name}/variables",
            json={"variables": [{"name": "ANY", "value": "thing"}]},
        )
        self._check(refused.status_code == httpx.codes.FORBIDDEN, "the source can still be changed")
        yield f"the source is read-only: {refused.json()['error']}"

    async def _contents(self, region: str, host: str) -> Contents:
        answer = (await self._get(region, host, "/rows")).json()
        sessions = (await self._get(region, host, "/sessions")).json()
        return Contents(answer["rows"], answer["checksum"], sessions["sessions"], sessions["sum"])

    async def _get(self, region: str, host: str, path: str) -> httpx.Response:
        return (await visit(self._fronts[region], host, path)).raise_for_status()

    async def _app(self, region: str) -> dict[str, str]:
        answer = await self._client.get(f"/{region}/v1/apps/{self._sample.name}")
        app: dict[str, str] = answer.raise_for_status().json()["app"]
        return app

    def _check(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise DisprovedError(otherwise)
