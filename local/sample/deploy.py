"""Deploy the sample app through the public API, as any owner of an app would."""

import io
import secrets
import tarfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx

from local.errors import LocalError
from local.sample.data import begin_sessions, fill
from local.visiting import NO_AUTHORITIES

APP = Path(__file__).parent / "app"
DEADLINE = 90  # seconds for any one thing to become ready


@dataclass(frozen=True)
class Sample:
    """What to deploy, and where; it has no Redis addon without `sessions`."""

    region: str
    name: str = "my-app"
    domain: str = "my-app.example.com"
    megabytes: int = 100
    sessions: int = 1000


class SampleError(LocalError):
    """The sample could not be deployed."""


@asynccontextmanager
async def owner(gateway: str, token: str) -> AsyncIterator[httpx.AsyncClient]:
    """Open a client of the gateway with the rights of the token's user."""
    async with httpx.AsyncClient(base_url=gateway, timeout=30, verify=NO_AUTHORITIES) as client:
        answer = await client.post("/v1/tokens/exchange", auth=("", token), json={})
        answer.raise_for_status()
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        yield client


async def deploy(client: httpx.AsyncClient, sample: Sample, front: str) -> None:
    """Deploy the sample, with its data, and wait until its custom domain answers.

    A sample that is deployed already is left as it is, be it stopped, in a migration or moved away; one that
    was left half made is made anew. Raises SampleError.
    """
    apps = f"/{sample.region}/v1/apps"
    app = f"{apps}/{sample.name}"
    existing = await client.get(app)
    if existing.status_code == httpx.codes.OK and not existing.json()["app"]["last_deployed_at"]:
        await _call(client, "DELETE", f"{app}?current_name={sample.name}")
        existing = await client.get(app)
    if existing.status_code == httpx.codes.NOT_FOUND:
        await _call(client, "POST", apps, {"app": {"name": sample.name}})
        await _make(client, app, sample)
    if (await _call(client, "GET", app))["app"]["status"] == "running":
        await _until_answering(front, sample.domain)


async def _make(client: httpx.AsyncClient, app: str, sample: Sample) -> None:
    await fill(await _added(client, app, sample, "postgresql", "DATABASE_URL"), sample.megabytes)
    if sample.sessions:
        await begin_sessions(await _added(client, app, sample, "redis", "REDIS_URL"), sample.sessions)
    values = {"GREETING": "hello from storky", "SESSION_SECRET": secrets.token_hex(16)}
    variables = [{"name": name, "value": value} for name, value in values.items()]
    await _call(client, "PUT", f"{app}/variables", {"variables": variables})
    await _call(client, "POST", f"{app}/domains", {"domain": {"name": sample.domain}})
    await _deploy_build(client, app, sample)
    containers = [{"name": name, "amount": 1, "command": "", "size": "S"} for name in ("web", "clock")]
    await _call(client, "POST", f"{app}/scale", {"containers": containers})
    with _in_time("the start of the sample"):
        while (await _call(client, "GET", app))["app"]["status"] != "running":
            await anyio.sleep(0.1)


async def _added(client: httpx.AsyncClient, app: str, sample: Sample, provider: str, variable: str) -> str:
    """Add an addon of a provider's first plan; returns the value of a variable that it provides."""
    plans = await _call(client, "GET", f"/{sample.region}/v1/addon_providers/{provider}/plans")
    wanted = {"addon_provider_id": provider, "plan_id": plans["plans"][0]["id"], "options": None}
    addon = (await _call(client, "POST", f"{app}/addons", {"addon": wanted}))["addon"]
    with _in_time(f"the sample's {provider}"):
        while (await _call(client, "GET", f"{app}/addons/{addon['id']}"))["addon"]["status"] != "running":
            await anyio.sleep(0.1)
    variables = await _call(client, "GET", f"{app}/variables?aliases=true")
    values: dict[str, str] = {each["name"]: each["value"] for each in variables["variables"]}
    return values[variable]


async def _deploy_build(client: httpx.AsyncClient, app: str, sample: Sample) -> None:
    source = (await _call(client, "POST", f"/{sample.region}/v1/sources"))["source"]
    async with httpx.AsyncClient(timeout=30, verify=NO_AUTHORITIES) as storage:
        (await storage.put(source["upload_url"], content=_archive())).raise_for_status()
    wanted = {"git_ref": "sample", "source_url": source["download_url"]}
    deployment = (await _call(client, "POST", f"{app}/deployments", {"deployment": wanted}))["deployment"]
    with _in_time("the sample's deployment"):
        while (status := await _status(client, app, deployment["id"])) != "success":
            if status.endswith(("error", "aborted")):
                raise SampleError(f"the sample's deployment ended as {status}")
            await anyio.sleep(0.1)


async def _status(client: httpx.AsyncClient, app: str, deployment: str) -> str:
    answer = await _call(client, "GET", f"{app}/deployments/{deployment}")
    return str(answer["deployment"]["status"])


def _archive() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for file in sorted(APP.iterdir()):
            if file.is_file():
                archive.add(file, arcname=file.name)
    return buffer.getvalue()


async def _call(
    client: httpx.AsyncClient, method: str, path: str, body: Mapping[str, Any] | None = None
) -> Any:
    answer = await client.request(method, path, json=body if body is not None or method == "GET" else {})
    if not answer.is_success:
        raise SampleError(f"{method} {path} answered {answer.status_code}")
    return answer.json() if answer.content else None


async def _until_answering(front: str, domain: str) -> None:
    host = {"Host": domain}
    async with httpx.AsyncClient(base_url=front, headers=host, timeout=5, verify=NO_AUTHORITIES) as client:
        with _in_time(f"an answer of http://{domain}/"):
            while not await _answers(client):
                await anyio.sleep(0.1)


@contextmanager
def _in_time(what: str) -> Iterator[None]:
    try:
        with anyio.fail_after(DEADLINE):
            yield
    except TimeoutError:
        raise SampleError(f"{what} was awaited for {DEADLINE} s; the logs tell why it did not come") from None


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/")).is_success
    except httpx.TransportError:
        return False
