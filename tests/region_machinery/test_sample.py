import sys
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import httpx
import pytest

from local.ports import free_port
from local.sample import data
from services.region.machinery import builds
from services.region.machinery.engines import Database
from services.region.machinery.postgres_engine import PostgresEngine
from services.region.machinery.processes import ContainerSpec, ContainerSupervisor

pytestmark = pytest.mark.anyio

APP = Path(data.__file__).parent / "app"
PATH = f"{Path(sys.executable).parent}:/usr/bin:/bin"


@pytest.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[ContainerSupervisor]:
    async with ContainerSupervisor(tmp_path) as supervisor:
        yield supervisor


async def start(supervisor: ContainerSupervisor, kind: str, port: int | None, **env: str) -> None:
    command = (await builds.procfile(APP))[kind]
    env = {"PATH": PATH, "PYTHONDONTWRITEBYTECODE": "1", **env}
    await supervisor.start(ContainerSpec(kind, "sample", kind, 1, command, APP, env, port))


async def test_the_sample_app_counts_and_adds_rows(
    supervisor: ContainerSupervisor, server: PostgresEngine, database: Database
) -> None:
    url, port = server.url(database), free_port()
    await data.fill(url, 1)
    await start(supervisor, "web", port, DATABASE_URL=url, REGION_NAME="osc-fr1")
    assert await supervisor.wait_healthy("sample", [port], timeout_seconds=20)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        assert (await client.get("/")).json() == {"hello": "world", "region": "osc-fr1", "database": True}
        before = (await client.get("/rows")).json()
        assert (await client.post("/rows")).status_code == 201
        after = (await client.get("/rows")).json()
    assert (before["rows"], after["rows"]) == (3500, 3501)
    assert before["checksum"] != after["checksum"]


async def test_the_sample_app_runs_without_a_database(supervisor: ContainerSupervisor) -> None:
    port = free_port()
    await start(supervisor, "web", port)
    assert await supervisor.wait_healthy("sample", [port], timeout_seconds=20)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        assert (await client.get("/")).json()["database"] is False
        assert (await client.get("/sessions")).json() == {"sessions": 0, "sum": 0}


async def test_the_clock_says_the_time(supervisor: ContainerSupervisor) -> None:
    await start(supervisor, "clock", None)
    with anyio.fail_after(30):
        while not any("[clock-1] it is " in line for line in supervisor.logs.tail("sample", 10)):
            await anyio.sleep(0.05)


async def test_the_data_are_always_the_same(
    server: PostgresEngine, database: Database, other_database: Database
) -> None:
    await data.fill(server.url(database), 1)
    await data.fill(server.url(other_database), 1)
    assert await server.fingerprint(database) == await server.fingerprint(other_database)
