"""Reference regions as processes, and those who call them."""

import io
import json
import os
import secrets
import signal
import ssl
import tarfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import anyio
import httpx
import jwt

from local.caddy import CaddyServer
from local.ports import free_port
from local.postgres import BIN
from local.programs import ServiceProcess, python_module
from local.visiting import visit
from tests.servers import fresh_database

JWT_KEY = secrets.token_hex(32)
FRONT_KEY = secrets.token_hex(32)
PATIENCE = 30  # seconds
ELSEWHERE = {"region": "elsewhere", "app": "some-app"}  # where apps are said to move
WEB = "exec python -m http.server --bind 127.0.0.1 $PORT"

Client = httpx.AsyncClient
PLAIN: Any = {"timeout": PATIENCE, "trust_env": False, "verify": False}  # nothing here speaks TLS


@dataclass(frozen=True)
class Place:
    """A region: its process, its front, its database, and ways to call it."""

    name: str
    port: int
    front: CaddyServer
    credential: str
    database_url: str
    process: ServiceProcess

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def authority(self) -> Path:
        return self.front.directory.parent / "region" / "authority.pem"

    def client(self, token: str) -> Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return Client(base_url=self.api, headers=headers, **PLAIN)

    def user(self, name: str = "ada", role: str = "user") -> Client:
        return self.client(token(name, role))

    def storky(self) -> "Storky":
        return Storky(self.client(self.credential))

    async def visit(self, host: str, path: str = "/") -> httpx.Response:
        """Ask the front, as a visitor's browser does."""
        return await visit(self.front.front_url, host, path)

    async def visit_tls(
        self, host: str, path: str = "/", trust: ssl.SSLContext | None = None
    ) -> httpx.Response:
        """Ask the front by HTTPS, trusting the region's authority unless another trust is given."""
        trust = trust or ssl.create_default_context(cafile=self.authority)
        return await visit(self.front.front_tls_url, host, path, trust)

    async def kill(self) -> None:
        """End the process as a power cut would."""
        assert self.process.pid
        os.kill(self.process.pid, signal.SIGKILL)
        await self.process.wait()


@dataclass
class Storky:
    """The service's side of a migration. Each call has a key of its own unless one is given."""

    http: Client
    migration: UUID = field(default_factory=uuid4)
    epoch: int = 1

    async def call(
        self, method: str, path: str, body: Any = None, *, key: str = "", epoch: int = 0
    ) -> httpx.Response:
        headers = {
            "Storky-Migration": str(self.migration),
            "Storky-Epoch": str(epoch or self.epoch),
            "Idempotency-Key": key or f"{uuid4()}/test/",
        }
        return await self.http.request(method, path, json=body, headers=headers)

    async def done(self, method: str, path: str, body: Any = None) -> Any:
        """Make a call that starts an operation; returns the result of the operation."""
        answer = await self.call(method, path, body)
        assert answer.status_code == 202, answer.text
        operation = await ended(self.http, answer)
        assert operation["status"] == "done", operation
        return operation["result"]

    async def freeze(self, app: str) -> None:
        """Make the app the migration's own: what it has neither frozen nor made it may not change."""
        answer = await self.call("POST", f"/v1/apps/{app}/freeze", ELSEWHERE)
        assert answer.status_code == 200, answer.text

    async def create(self, app: str) -> httpx.Response:
        body = {"app": {"name": app}, "migration": {"source_region": "elsewhere", "source_app": app}}
        return await self.call("POST", "/v1/apps", body)


def token(name: str, role: str = "user", **more: Any) -> str:
    claims = {
        "sub": f"us-{name}",
        "username": name,
        "email": f"{name}@example.com",
        "role": role,
        "exp": int(time.time()) + 7200,
        **more,
    }
    return jwt.encode(claims, JWT_KEY, "HS256")


async def ended(http: Client, answer: httpx.Response) -> dict[str, Any]:
    """Follow an accepted call to the end of its operation."""
    location = answer.headers["Location"]
    with anyio.fail_after(PATIENCE):
        while True:
            operation: dict[str, Any] = (await http.get(location)).json()["operation"]
            if operation["status"] in ("done", "error"):
                return operation
            await anyio.sleep(0.05)


async def new_app(http: Client, name: str = "") -> str:
    """Create an app; returns its name."""
    name = name or f"app-{secrets.token_hex(4)}"
    answer = await http.post("/v1/apps", json={"app": {"name": name}})
    assert answer.status_code == 201, answer.text
    return name


async def deploy(http: Client, app: str, files: Mapping[str, str]) -> dict[str, Any]:
    """Deploy files; returns the deployment once it has ended."""
    path = await begin_deployment(http, app, archive(files))
    with anyio.fail_after(PATIENCE):
        while True:
            deployment: dict[str, Any] = (await http.get(path)).json()["deployment"]
            if deployment["status"] not in ("queued", "building", "starting"):
                return deployment
            await anyio.sleep(0.05)


async def begin_deployment(http: Client, app: str, content: bytes) -> str:
    """Upload an archive and start to deploy it; returns the deployment's path."""
    source = (await http.post("/v1/sources", json={})).json()["source"]
    async with Client(**PLAIN) as storage:
        assert (await storage.put(source["upload_url"], content=content)).status_code == 200
    body = {"deployment": {"git_ref": "v1", "source_url": source["download_url"]}}
    answer = await http.post(f"/v1/apps/{app}/deployments", json=body)
    assert answer.status_code == 201, answer.text
    return f"/v1/apps/{app}/deployments/{answer.json()['deployment']['id']}"


def archive(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


def site(text: str = "hello", web: str = WEB, **processes: str) -> dict[str, str]:
    """Return the files of an app whose page says something."""
    lines = [f"{name}: {command}\n" for name, command in {"web": web, **processes}.items()]
    return {"Procfile": "".join(lines), "index.html": f"{text}\n"}


@asynccontextmanager
async def running(
    directory: Path, server_url: str, names: Sequence[str], **settings: str
) -> AsyncIterator[Mapping[str, Place]]:
    """Run regions, each with a front and a database of its own."""
    fronts = {name: CaddyServer(directory / name / "front") for name in names}
    ports = {name: free_port() for name in names}
    peers = {
        name: {"api": f"http://127.0.0.1:{ports[name]}", "front": fronts[name].front_url} for name in names
    }
    async with AsyncExitStack() as stack:
        places = {}
        for name in names:
            database = stack.enter_context(fresh_database(server_url))
            place = partial(Place, name, ports[name], fronts[name], secrets.token_hex(), database)
            places[name] = place(_process(place, peers, settings, directory / name))
            await fronts[name].start()
            stack.push_async_callback(fronts[name].stop)
            stack.push_async_callback(places[name].process.stop)
        async with anyio.create_task_group() as group:
            for each in places.values():
                group.start_soon(each.process.start)
        yield places


def _process(
    place: "partial[Place]", peers: Mapping[str, Any], more: Mapping[str, str], directory: Path
) -> ServiceProcess:
    name, port, front, credential, database_url = place.args
    settings = {
        "NAME": name,
        "DIR": str(directory / "region"),
        "DATABASE_URL": database_url,
        "LISTEN": f"127.0.0.1:{port}",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "FRONT_URL": front.front_url,
        "FRONT_TLS_URL": front.front_tls_url,
        "FRONT_ADMIN_URL": front.admin_url,
        "FRONT_KEY": FRONT_KEY,
        "APPS_DOMAIN": f"{name}.localhost",
        "PEERS": json.dumps(peers),
        "SERVICE_CREDENTIAL": credential,
        "JWT_KEY": JWT_KEY,
        "POSTGRES_BIN": str(BIN),
        **more,
    }
    environment = {f"STORKY_REGION_{key}": value for key, value in settings.items()}
    environment["PATH"] = os.environ["PATH"]
    return ServiceProcess(name, python_module("services.region"), environment, directory)
