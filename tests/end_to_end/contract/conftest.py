"""Who types the commands, and the app that most of them are about."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import anyio
import pytest

from tests.contract.client import apps, resources
from tests.contract.client.session import Region, Session, signed_in
from tests.contract.client.wire import Api
from tests.end_to_end import echo
from tests.end_to_end.world import DESTINATION, SOURCE, World
from tests.region.harness import archive

PATIENCE = 60  # seconds for an addon
PROCFILE = "web: echo hello from web; exec python -I server.py\nclock: echo tick; exec sleep 100000\n"


@dataclass(frozen=True)
class Shop:
    """An app with a build, a database and a domain."""

    name: str
    id: str
    addon: str
    domain: str


@pytest.fixture(scope="package")
async def session(world: World) -> AsyncIterator[Session]:
    endpoints = world.system.endpoints
    async with signed_in(endpoints.auth, endpoints.tokens["owner"]) as owner:
        yield owner


@pytest.fixture(scope="package")
async def region(session: Session) -> Region:
    return await session.region(SOURCE)


@pytest.fixture(scope="package")
def source(region: Region) -> Api:
    return region.api


@pytest.fixture(scope="package")
async def destination(session: Session) -> Api:
    return (await session.region(DESTINATION)).api


@pytest.fixture(scope="package")
async def shop(source: Api) -> AsyncIterator[Shop]:
    name = "contract-shop"
    app = await apps.create(source, name)
    addon = await resources.addons_add(source, name, "postgresql", "postgresql-sandbox")
    domain = await apps.domains_add(source, name, f"{name}.example.com")
    deployed = await apps.deploy(source, name, archive(echo.files(Procfile=PROCFILE)), "v1")
    assert deployed.status == "success"
    with anyio.fail_after(PATIENCE):
        while (await resources.addons_info(source, name, addon.addon.id)).status != "running":
            await anyio.sleep(0.25)
    yield Shop(name, app.id, addon.addon.id, domain.name)
    await apps.destroy(source, name)
