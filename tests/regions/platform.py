"""Reference regions as processes of their own, on the run's PostgreSQL server."""

import json
import os
import secrets
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from local.caddy import CaddyServer
from local.ports import free_port
from local.postgres import BIN
from local.programs import ServiceProcess, python_module

JWT_KEY = secrets.token_hex(32)


@dataclass(frozen=True)
class Place:
    """Where a region is, and the secret that opens it to storky."""

    name: str
    port: int
    front: CaddyServer
    credential: str

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def running(
    directory: Path, postgres_url: str, names: Sequence[str]
) -> AsyncIterator[Mapping[str, Place]]:
    """Run regions, each with a front of its own."""
    places = {
        name: Place(name, free_port(), CaddyServer(directory / name / "front"), secrets.token_hex())
        for name in names
    }
    async with AsyncExitStack() as stack:
        for place in places.values():
            database = stack.enter_context(_database(postgres_url))
            await place.front.start()
            stack.push_async_callback(place.front.stop)
            process = _process(place, places, database, directory / place.name)
            stack.push_async_callback(process.stop)
            await process.start()
        yield places


def _process(place: Place, places: Mapping[str, Place], database_url: str, directory: Path) -> ServiceProcess:
    peers = {name: {"api": peer.api, "front": peer.front.front_url} for name, peer in places.items()}
    settings = {
        "NAME": place.name,
        "DIR": str(directory / "region"),
        "DATABASE_URL": database_url,
        "LISTEN": f"127.0.0.1:{place.port}",
        "PUBLIC_URL": place.api,
        "FRONT_URL": place.front.front_url,
        "FRONT_ADMIN_URL": place.front.admin_url,
        "APPS_DOMAIN": f"{place.name}.localhost",
        "PEERS": json.dumps(peers),
        "SERVICE_CREDENTIAL": place.credential,
        "JWT_KEY": JWT_KEY,
        "POSTGRES_BIN": str(BIN),
    }
    environment = {f"STORKY_REGION_{name}": value for name, value in settings.items()}
    return ServiceProcess(
        place.name, python_module("services.region"), {"PATH": os.environ["PATH"], **environment}, directory
    )


@contextmanager
def _database(server_url: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    _sql(server_url, f"CREATE DATABASE {name}")
    yield server_url.removesuffix("/postgres") + f"/{name}"
    _sql(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def _sql(url: str, statement: str) -> None:
    subprocess.run([BIN / "psql", "--quiet", "--no-psqlrc", "--command", statement, url], check=True)
