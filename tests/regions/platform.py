"""Reference regions as processes of their own, on the run's PostgreSQL server."""

import json
import os
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from local.caddy import CaddyServer
from local.ports import free_port
from local.postgres import BIN
from local.programs import ServiceProcess, python_module
from tests.servers import fresh_database

JWT_KEY = secrets.token_hex(32)
FRONT_KEY = secrets.token_hex(32)


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
    directory: Path,
    postgres_url: str,
    names: Sequence[str],
    settings: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> AsyncIterator[Mapping[str, Place]]:
    """Run regions, each with a front of its own; `settings` are more of those of single regions."""
    places = {
        name: Place(name, free_port(), CaddyServer(directory / name / "front"), secrets.token_hex())
        for name in names
    }
    async with AsyncExitStack() as stack:
        for place in places.values():
            database = stack.enter_context(fresh_database(postgres_url))
            await place.front.start()
            stack.push_async_callback(place.front.stop)
            more = settings.get(place.name, {})
            process = _process(place, places, database, directory / place.name, more)
            stack.push_async_callback(process.stop)
            await process.start()
        yield places


def _process(
    place: Place, places: Mapping[str, Place], database_url: str, directory: Path, more: Mapping[str, str]
) -> ServiceProcess:
    peers = {name: {"api": peer.api, "front": peer.front.front_url} for name, peer in places.items()}
    settings = {
        "NAME": place.name,
        "DIR": str(directory / "region"),
        "DATABASE_URL": database_url,
        "LISTEN": f"127.0.0.1:{place.port}",
        "PUBLIC_URL": place.api,
        "FRONT_URL": place.front.front_url,
        "FRONT_TLS_URL": place.front.front_tls_url,
        "FRONT_ADMIN_URL": place.front.admin_url,
        "FRONT_KEY": FRONT_KEY,
        "APPS_DOMAIN": f"{place.name}.localhost",
        "PEERS": json.dumps(peers),
        "SERVICE_CREDENTIAL": place.credential,
        "JWT_KEY": JWT_KEY,
        "POSTGRES_BIN": str(BIN),
        **more,
    }
    environment = {f"STORKY_REGION_{name}": value for name, value in settings.items()}
    return ServiceProcess(
        place.name, python_module("services.region"), {"PATH": os.environ["PATH"], **environment}, directory
    )
