"""storky as it runs, for the tests of what people see of it: real processes, broker and database."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import anyio
import httpx
import pytest

from events.bus.admin import install
from events.store.schema import upgrade
from events.vocabulary import WORKERS
from local.ports import free_port
from local.visiting import NO_AUTHORITIES
from tests.gateway import region, workers
from tests.gateway.region import JWT_KEY
from tests.servers import Node, fresh_database

WEBHOOK_KEY = "a-key-of-the-tests-that-seals-webhooks"
READY = 60  # seconds for a process to start
SOURCE, DESTINATION, DOWN = region.SOURCE, "osc-fr1", "down-fr1"
SERVICES = ("migrations", "relay", "projector", "gateway")
GITHUB = {"id": str(UUID(int=1)), "scm_type": "github", "url": "https://github.com"}
# username -> role
USERS = {
    "owner": "user",
    "collaborator": "user",
    "stranger": "user",
    "operator": "operator",
    "auditor": "auditor",
}
BROKER_USERS = ("storky-migrations", "storky-relay", "storky-gateway", *(f"storky-{s}" for s in WORKERS))


def api_token(user: str) -> str:
    return f"tk-us-{user}-secret"


def user_id(user: str) -> str:
    return f"us-{user}"


@dataclass
class Process:
    """A service as a process of its own."""

    name: str
    environment: dict[str, str]
    directory: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        self.spawn()
        self.wait_until_ready()

    def spawn(self) -> None:
        self._ready.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", f"services.{self.name}"],
                env={**os.environ, **self.environment, "STORKY_READY_FILE": str(self._ready)},
                stdout=log,
                stderr=log,
            )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY
        while not self._ready.exists():
            assert self._process is not None
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, f"{self.name} is not ready: {self.log.read_text()}"
            time.sleep(0.02)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self._process:
            self._process.send_signal(number)
            self._process.wait(60)
            self._process = None

    @property
    def pid(self) -> int:
        """The process id, while it is running."""
        assert self._process is not None
        assert self._process.poll() is None, f"{self.name} has ended: {self.log.read_text()}"
        return self._process.pid

    @property
    def resident_bytes(self) -> int:
        """The memory it holds now."""
        _, resident, *_ = Path(f"/proc/{self.pid}/statm").read_text().split()
        return int(resident) * resource.getpagesize()

    @property
    def _ready(self) -> Path:
        return self.directory / f"{self.name}.ready"

    @property
    def log(self) -> Path:
        return self.directory / f"{self.name}.log"


@dataclass
class Stack:
    """What the tests talk to."""

    url: str
    processes: dict[str, Process]

    @property
    def database(self) -> dict[str, str]:
        """The settings by which a command finds the whole log."""
        known = self.processes["migrations"].environment
        return {name: known[name] for name in ("STORKY_DATABASE_URL", "STORKY_ARCHIVE")}

    @contextmanager
    def client(self, user: str = "owner") -> Iterator[httpx.Client]:
        """Yield a client signed in as this user."""
        trust = NO_AUTHORITIES
        with httpx.Client(base_url=self.url, trust_env=False, timeout=30, verify=trust) as client:
            answer = client.post("/v1/tokens/exchange", auth=("", api_token(user)), json={})
            client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
            yield client


@pytest.fixture(scope="session")
def stack(postgres_url: str, rabbitmq: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All of storky but its workers, between regions that are ours."""
    directory = tmp_path_factory.mktemp("stack")
    port = free_port()
    with ExitStack() as stack:
        database = stack.enter_context(_database(postgres_url))
        amqp = stack.enter_context(_broker(rabbitmq))
        common = _environment(stack.enter_context(region.running()), database, port)
        common["STORKY_ARCHIVE"] = str(tmp_path_factory.mktemp("archive"))
        processes = {}
        for name in SERVICES:
            own = {"STORKY_AMQP_URLS": json.dumps([amqp.get(f"storky-{name}", "")])}
            processes[name] = Process(name, common | own, directory)
            stack.callback(processes[name].stop)
            processes[name].spawn()
        for process in processes.values():
            process.wait_until_ready()
        stack.enter_context(workers.working({service: amqp[f"storky-{service}"] for service in WORKERS}))
        yield Stack(f"http://127.0.0.1:{port}", processes)


@pytest.fixture(scope="session")
def webhooks(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """The service that sends them, in a hurry."""
    hurry = {
        "STORKY_WEBHOOK_TIMEOUT_SECONDS": "1",
        "STORKY_WEBHOOK_FIRST_RETRY_SECONDS": "0.1",
        "STORKY_WEBHOOK_PERIOD_SECONDS": "0.2",
    }
    environment = stack.processes["gateway"].environment | hurry
    process = Process("webhooks", environment, tmp_path_factory.mktemp("webhooks"))
    process.start()
    yield process
    process.stop()


def _environment(region_url: str, database: str, port: int) -> dict[str, str]:
    apis = {
        SOURCE: f"{region_url}/{SOURCE}",
        DESTINATION: f"{region_url}/{DESTINATION}",
        DOWN: f"http://127.0.0.1:{free_port()}",
    }
    regions = {
        name: {"api": api, "front": f"http://127.0.0.1:{port}", "domain": f"{name}.example"}
        for port, (name, api) in enumerate(apis.items(), 1)
    }
    regions[SOURCE]["display_name"] = "Agora"
    tokens = [
        {
            "sha256": sha256(api_token(user).encode()).hexdigest(),
            "id": user_id(user),
            "username": user,
            "email": f"{user}@example.com",
            "role": role,
        }
        for user, role in USERS.items()
    ]
    return {
        "STORKY_LISTEN": f"127.0.0.1:{port}",
        "STORKY_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "STORKY_DATABASE_URL": database,
        "STORKY_REGIONS": json.dumps(regions),
        "STORKY_JWT_KEY": JWT_KEY,
        "STORKY_API_TOKENS": json.dumps(tokens),
        "STORKY_SCM_INTEGRATIONS": json.dumps([GITHUB]),
        "STORKY_WEBHOOK_KEY": WEBHOOK_KEY,
        "STORKY_WEBHOOK_HTTP": "true",
        "STORKY_WEBHOOK_NETWORKS": '["127.0.0.0/8"]',
    }


@contextmanager
def _database(server_url: str) -> Iterator[str]:
    with fresh_database(server_url) as url:
        anyio.run(upgrade, url)
        yield url


@contextmanager
def _broker(node: Node) -> Iterator[dict[str, str]]:
    """Yield the address of each of storky's users, on a virtual host with everything installed."""
    vhost = f"test-{uuid4().hex}"
    passwords = {user: f"{user}-password" for user in BROKER_USERS}
    anyio.run(install, node.management_url, node.admin_user, node.admin_password, vhost, passwords)
    try:
        yield {user: node.amqp_url(user, known, vhost) for user, known in passwords.items()}
    finally:
        credentials = (node.admin_user, node.admin_password)
        httpx.delete(f"{node.management_url}/api/vhosts/{vhost}", auth=credentials, timeout=30)
