"""Real workers behind a real broker, on a virtual host and with users of their own."""

import json
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import anyio
import httpx
import pytest

import local
from events.bus import connect
from events.bus.admin import install
from events.bus.topology import grant_for
from events.vocabulary import WORKERS, Service, broker_user
from local.programs import ServiceProcess, python_module
from tests.regions.platform import Place, running
from tests.servers import Node
from tests.workers.desk import DESTINATION, SOURCE, Desk

PASSWORD = "a password of the tests"
CATALOGUES = Path(local.__file__).with_name("catalogues")
MEMORY = 4 * 2**30  # bytes, for the containers of the destination


@dataclass(frozen=True)
class Broker:
    """The addresses of a virtual host with the topology in it."""

    admin_url: str
    worker_urls: Mapping[Service, str]


@pytest.fixture(scope="session")
def broker(rabbitmq: Node) -> Iterator[Broker]:
    """A virtual host, and for each worker a user with its permissions.

    Users belong to the whole node, which other tests share: so ours have names of their own.
    """
    suffix = uuid4().hex
    vhost, login = f"test-{suffix}", (rabbitmq.admin_user, rabbitmq.admin_password)
    users = {service: f"{broker_user(service)}-{suffix}" for service in WORKERS}
    anyio.run(install, rabbitmq.management_url, *login, vhost, {})
    with httpx.Client(base_url=f"{rabbitmq.management_url}/api", auth=login, timeout=30) as api:
        for service, user in users.items():
            permit(api, vhost, user, broker_user(service))
        yield Broker(
            rabbitmq.amqp_url(*login, vhost),
            {service: rabbitmq.amqp_url(user, PASSWORD, vhost) for service, user in users.items()},
        )
        for user in users.values():
            api.delete(f"/users/{user}").raise_for_status()
        api.delete(f"/vhosts/{vhost}").raise_for_status()


def permit(api: httpx.Client, vhost: str, user: str, like: str) -> None:
    """Create a user with the permissions of one of storky's."""
    grant = grant_for(like)
    permissions = {"configure": "^$", "write": grant.write_pattern, "read": grant.read_pattern}
    api.put(f"/users/{user}", json={"password": PASSWORD, "tags": ""}).raise_for_status()
    api.put(f"/permissions/{vhost}/{user}", json=permissions).raise_for_status()
    for exchange, pattern in grant.topics.items():
        topic = {"exchange": exchange, "write": pattern, "read": "^$"}
        api.put(f"/topic-permissions/{vhost}/{user}", json=topic).raise_for_status()


@pytest.fixture
async def desk(broker: Broker) -> AsyncIterator[Desk]:
    """Where tasks are requested and reports come in."""
    async with connect([broker.admin_url], "desk") as bus, anyio.create_task_group() as group:
        desk = Desk(bus)
        group.start_soon(desk.collect)
        yield desk
        group.cancel_scope.cancel()


Hire = Callable[..., ServiceProcess]


@pytest.fixture
async def hire(broker: Broker, tmp_path: Path) -> AsyncIterator[Hire]:
    """Make worker processes, which end with the test: `await hire(service, regions).start()`."""
    async with AsyncExitStack() as stack:

        def make(service: Service, regions: Mapping[str, Mapping[str, str]], **more: str) -> ServiceProcess:
            environment = {
                "PATH": os.environ["PATH"],
                "STORKY_AMQP_URLS": json.dumps([broker.worker_urls[service]]),
                "STORKY_REGIONS": json.dumps(regions),
                "STORKY_EVIDENCE_KEY": "a key of the tests",
                **more,
            }
            name = f"{service}-{uuid4().hex[:8]}"
            process = ServiceProcess(name, python_module(f"services.{service}"), environment, tmp_path)
            stack.push_async_callback(process.stop)
            return process

        yield make


@pytest.fixture(scope="session")
async def places(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str
) -> AsyncIterator[Mapping[str, Place]]:
    """Two reference regions, of which the destination offers less."""
    folder = tmp_path_factory.mktemp("regions")
    settings = {
        SOURCE: {"CATALOGUE": str(CATALOGUES / f"{SOURCE}.json")},
        DESTINATION: {"CATALOGUE": str(poorer_catalogue(folder)), "MEMORY_BYTES": str(MEMORY)},
    }
    async with running(folder, postgres_url, [SOURCE, DESTINATION], settings) as places:
        yield places


def poorer_catalogue(folder: Path) -> Path:
    """Write a catalogue without a version, a plan and a plan's room that the source has."""
    catalogue = json.loads((CATALOGUES / f"{DESTINATION}.json").read_text())
    providers = {provider["id"]: provider for provider in catalogue["addon_providers"]}
    providers["redis"]["versions"] = ["5"]
    providers["logbook"]["plans"][0]["name"] = "logbook-paid"
    for plan in providers["postgresql"]["plans"]:
        plan["disk_bytes"] = 1_000_000 if "sandbox" in plan["name"] else 10**12
    file = folder / "catalogue.json"
    file.write_text(json.dumps(catalogue))
    return file


@pytest.fixture
def known(places: Mapping[str, Place]) -> dict[str, dict[str, str]]:
    """What a worker is told of the regions."""
    return {name: {"api": place.api, "credential": place.credential} for name, place in places.items()}
