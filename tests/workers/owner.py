"""The owner of an app in a region: makes what the workers are to move."""

import io
import tarfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import anyio
import asyncpg
import httpx
import jwt

from local.visiting import NO_AUTHORITIES
from tests.regions.platform import JWT_KEY, Place

FILES = {
    "Procfile": "web: exec python -m http.server --bind 127.0.0.1 $PORT\n",
    "index.html": "hello\n",
}


class Owner:
    """A user of a region's public API."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = await self.http.request(method, f"/v1{path}", json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def create(self, app: str) -> str:
        """Create an app without a build."""
        return str((await self.call("POST", "/apps", {"app": {"name": app}}))["app"]["id"])

    async def set(self, app: str, **variables: str) -> None:
        body = [{"name": name, "value": value} for name, value in variables.items()]
        await self.call("PUT", f"/apps/{app}/variables", {"variables": body})

    async def variables(self, app: str) -> dict[str, str]:
        found = (await self.call("GET", f"/apps/{app}/variables?aliases=false"))["variables"]
        return {variable["name"]: variable["value"] for variable in found}

    async def add_database(self, app: str) -> str:
        """Add a database with a thousand `items`; returns the addon's id."""
        addon = await self.add("postgresql", "postgresql-starter-512", app)
        await self.query(app, "CREATE TABLE items AS SELECT n FROM generate_series(1, 1000) AS n")
        return addon

    async def add(self, provider: str, plan: str, app: str) -> str:
        """Add an addon, and wait until it runs; returns its id."""
        order = {"addon_provider_id": provider, "plan_id": plan, "options": None}
        addon = (await self.call("POST", f"/apps/{app}/addons", {"addon": order}))["addon"]["id"]
        with anyio.fail_after(30):
            while (await self.call("GET", f"/apps/{app}/addons/{addon}"))["addon"]["status"] != "running":
                await anyio.sleep(0.05)
        return str(addon)

    async def query(self, app: str, statement: str) -> Any:
        """Run a statement in the app's database."""
        connection = await asyncpg.connect((await self.variables(app))["SCALINGO_POSTGRESQL_URL"])
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    async def deploy(self, app: str) -> None:
        """Deploy a build with one web process, and wait until it runs."""
        source = (await self.call("POST", "/sources"))["source"]
        async with httpx.AsyncClient(trust_env=False, verify=NO_AUTHORITIES) as storage:
            (await storage.put(source["upload_url"], content=archive())).raise_for_status()
        wanted = {"git_ref": "test", "source_url": source["download_url"]}
        made = await self.call("POST", f"/apps/{app}/deployments", {"deployment": wanted})
        path = f"/apps/{app}/deployments/{made['deployment']['id']}"
        with anyio.fail_after(30):
            while (await self.call("GET", path))["deployment"]["status"] != "success":
                await anyio.sleep(0.05)

    async def restart(self, app: str) -> None:
        """Restart the app, or start it, and wait until it runs."""
        answer = await self.http.post(f"/v1/apps/{app}/restart", json={"scope": []})
        operation = answer.headers["Location"].partition("/v1")[2]
        with anyio.fail_after(30):
            while (await self.call("GET", operation))["operation"]["status"] != "done":
                await anyio.sleep(0.05)

    async def status(self, app: str) -> str | None:
        """Return the app's status, None if there is no such app."""
        answer = await self.http.get(f"/v1/apps/{app}")
        return None if answer.status_code == httpx.codes.NOT_FOUND else answer.json()["app"]["status"]


@asynccontextmanager
async def owner(place: Place, name: str = "owner", role: str = "user") -> AsyncIterator[Owner]:
    """Open the region's public API for a user."""
    claims = {
        "sub": f"us-{name}",
        "username": name,
        "email": f"{name}@example.com",
        "role": role,
        "exp": int(time.time()) + 7200,
    }
    headers = {"Authorization": f"Bearer {jwt.encode(claims, JWT_KEY, 'HS256')}"}
    async with httpx.AsyncClient(
        base_url=place.api, headers=headers, trust_env=False, verify=NO_AUTHORITIES, timeout=20
    ) as http:
        yield Owner(http)


def archive() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in FILES.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()
