"""A whole running system, as a client of its gateway and a visitor of its fronts see it."""

import subprocess
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx

from local.sample.deploy import Sample, deploy, owner
from local.system import System
from local.visiting import visit
from tests.cli.tool import STORKY, Output
from tests.end_to_end import echo
from tests.region import harness
from tests.workers.owner import Owner

SOURCE, DESTINATION = "agora-fr1", "osc-fr1"
RESTING = {
    "created",
    "preflight-success",
    "preflight-error",
    "prepared",
    "data-migrated",
    "error",
    "aborted",
    "done",
}
PATIENCE = 90  # seconds for any step
PAUSE = 0.25  # seconds between two looks at a step: each look is work for the system


class World:
    """What the end-to-end tests do, and look at."""

    def __init__(self, directory: Path, system: System, client: httpx.AsyncClient) -> None:
        self.directory = directory
        self.system = system
        self.client = client

    async def storky(self, *words: str) -> dict[str, Any]:
        """Type a command of the tool, with --json; it must succeed."""
        result: dict[str, Any] = (await self._typed("--json", *words)).json
        return result

    async def command(self, app: str, *words: str, region: str = SOURCE, code: int = 0) -> Output:
        """Type a command about an app, into a pipe; its exit code must be this."""
        return await self._typed("--region", region, "--app", app, *words, code=code)

    async def _typed(self, *words: str, code: int = 0) -> Output:
        arguments = [str(STORKY), "--dir", str(self.directory), *words]
        done = await anyio.run_process(arguments, stdin=subprocess.DEVNULL, check=False)
        output = Output(done.stdout.decode(), done.stderr.decode())
        assert done.returncode == code, (words, output.stdout, output.stderr)
        return output

    @asynccontextmanager
    async def working(self, region: str, user: str = "owner") -> AsyncIterator[Owner]:
        """Open a region, by way of the gateway, for one of the platform's users."""
        endpoints = self.system.endpoints
        async with owner(endpoints.gateway, endpoints.tokens[user]) as client:
            client.base_url = f"{endpoints.gateway}/{region}"
            yield Owner(client)

    async def deploy(self, name: str) -> None:
        """Deploy a running app with a domain, two process types, a variable and a small database."""
        async with self.working(SOURCE) as user:
            await user.create(name)
            await user.add_database(name)
            await user.set(name, GREETING="hello")
            await user.call("POST", f"/apps/{name}/domains", {"domain": {"name": f"{name}.example.com"}})
            assert (await harness.deploy(user.http, name, echo.files()))["status"] == "success"
        await self.scale(name, clock=1)

    async def rows(self, region: str, app: str) -> Any:
        """Return a checksum of the app's rows, as its owner reads them."""
        async with self.working(region) as user:
            return await user.query(app, "SELECT md5(string_agg(n::text, ',' ORDER BY n)) FROM items")

    async def deploy_sample(self, name: str) -> None:
        """Deploy the sample, which counts its rows itself and takes longer to start."""
        sample = Sample(region=SOURCE, name=name, domain=f"{name}.example.com", megabytes=1, sessions=0)
        await deploy(self.client, sample, self.front(SOURCE))

    async def scale(self, app: str, **amounts: int) -> None:
        """Scale the source app, and wait until it has happened."""
        wanted = [{"name": n, "amount": a, "command": "", "size": ""} for n, a in amounts.items()]
        answer = await self.client.post(f"/{SOURCE}/v1/apps/{app}/scale", json={"containers": wanted})
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        operation = answer.headers["Location"].rsplit("/", 1)[-1]
        with anyio.fail_after(PATIENCE):
            while await self._unfinished(f"/{SOURCE}/v1/apps/{app}/operations/{operation}"):
                await anyio.sleep(0.1)

    async def _unfinished(self, operation: str) -> bool:
        return (await self._get(operation))["operation"]["status"] in {"pending", "running"}

    def front(self, region: str) -> str:
        return self.system.endpoints.regions[region].front

    async def create(self, app: str, destination: str = DESTINATION, new_name: str = "") -> httpx.Response:
        body = {"migration": {"destination": destination, "dst_app_name": new_name}}
        return await self.client.post(f"/{SOURCE}/v1/apps/{app}/region_migrations", json=body)

    async def created(self, app: str) -> str:
        answer = await self.create(app)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        return str(answer.json()["id"])

    async def run(self, app: str, migration: str, step: str) -> httpx.Response:
        path = f"/{SOURCE}/v1/apps/{app}/region_migrations/{migration}/run"
        return await self.client.post(path, json={"step": step})

    async def start(self, app: str, migration: str, step: str) -> None:
        answer = await self.run(app, migration, step)
        assert answer.status_code == httpx.codes.NO_CONTENT, answer.text

    async def migration(self, app: str, migration: str) -> dict[str, Any]:
        answer = await self.client.get(f"/{SOURCE}/v1/apps/{app}/region_migrations/{migration}")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    async def rest(self, app: str, migration: str) -> str:
        """Wait until no step is running; returns the status."""
        with anyio.fail_after(PATIENCE):
            while (status := await self._status(app, migration)) not in RESTING:
                await anyio.sleep(PAUSE)
        return status

    async def reached(self, app: str, migration: str, status: str) -> None:
        """Wait for a status."""
        with anyio.fail_after(PATIENCE):
            while await self._status(app, migration) != status:
                await anyio.sleep(PAUSE)

    async def _status(self, app: str, migration: str) -> str:
        try:
            return str((await self.migration(app, migration))["status"])
        except httpx.HTTPError:
            return "unknown"  # the gateway, or what it needs, is being restarted

    async def through(self, app: str, migration: str, steps: Iterable[str]) -> str:
        """Run steps one after the other; returns the last status."""
        status = "created"
        for step in steps:
            await self.start(app, migration, step)
            status = await self.rest(app, migration)
        return status

    async def tasks(self, app: str, migration: str) -> dict[str, str]:
        """Return the state of every task that was started, by its label."""
        return {step["name"]: step["status"] for step in (await self.migration(app, migration))["steps"]}

    async def started(self, app: str, migration: str, label: str) -> None:
        """Wait until a task with such a label has been asked for."""
        with anyio.fail_after(PATIENCE):
            while not any(shown.startswith(label) for shown in await self.tasks(app, migration)):
                await anyio.sleep(0.05)

    async def finished(self, app: str, migration: str, label: str) -> None:
        """Wait until a task with such a label is done."""
        with anyio.fail_after(PATIENCE):
            while not any(
                shown.startswith(label) and status == "done"
                for shown, status in (await self.tasks(app, migration)).items()
            ):
                await anyio.sleep(0.05)

    async def visit(self, region: str, host: str, path: str = "/") -> httpx.Response:
        return await visit(self.front(region), host, path)

    async def snapshot(self, region: str, app: str) -> dict[str, Any]:
        """Return everything of an app that a migration could change, but for times, process ids and sizes."""
        base = f"/{region}/v1/apps/{app}"
        shown = (await self._get(base))["app"]
        paths = ("variables?aliases=false", "containers", "domains", "addons", "deployments")
        parts = {path: await self._get(f"{base}/{path}") for path in paths}
        for addon in parts["addons"]["addons"]:
            del addon["size_bytes"]  # a vacuum of the server's own changes it
        running = sorted(c["label"] for c in (await self._get(f"{base}/ps"))["containers"])
        volatile = {"updated_at"}
        return {"app": {k: v for k, v in shown.items() if k not in volatile}, "ps": running, **parts}

    async def exists(self, region: str, app: str) -> bool:
        answer = await self.client.get(f"/{region}/v1/apps/{app}")
        return answer.status_code != httpx.codes.NOT_FOUND

    async def _get(self, path: str) -> Any:
        return (await self.client.get(path)).raise_for_status().json()
