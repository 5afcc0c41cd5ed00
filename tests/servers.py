"""Real servers for the tests: one PostgreSQL and one RabbitMQ for the whole run, shared by its processes.

The first test to need a server has it started, by a keeper that outlives the test process (a pytest-xdist
worker may end early) and ends with the run. Servers that the environment names are used instead; what a test
starts as a system of its own (`storky up`, the demo) has private ones always.
"""

import fcntl
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit
from uuid import uuid4

import anyio
import httpx
import pytest

from events.store.schema import upgrade
from local.backing import AMQP_URLS, DATABASE_URL, MANAGEMENT_URL, Broker, Database
from local.postgres import BIN, PostgresServer
from local.rabbitmq import RabbitmqServer
from local.visiting import NO_AUTHORITIES

_KEEPER = Path(__file__).with_name("keeper.py")
_START = 90  # seconds
_STOP = 30

_directory = pytest.StashKey[Path]()
_controller = pytest.StashKey[int]()
_environment = pytest.StashKey[Mapping[str, str]]()


class Node(Protocol):
    """A RabbitMQ node, ours or given."""

    @property
    def management_url(self) -> str: ...
    @property
    def admin_user(self) -> str: ...
    @property
    def admin_password(self) -> str: ...
    def amqp_url(self, user: str, password: str, vhost: str = "/") -> str: ...


@dataclass(frozen=True)
class GivenNode:
    """The first of the nodes that the environment names."""

    broker: Broker

    @property
    def management_url(self) -> str:
        return self.broker.management_url

    @property
    def admin_user(self) -> str:
        return self.broker.admin_login[0]

    @property
    def admin_password(self) -> str:
        return self.broker.admin_login[1]

    def amqp_url(self, user: str, password: str, vhost: str = "/") -> str:
        return _with_path(self.broker.urls(user, password)[0], quote(vhost, safe=""))


def pytest_configure(config: pytest.Config) -> None:
    """Let the controller choose the directory, and tell its workers."""
    given = getattr(config, "workerinput", None)
    config.stash[_directory] = (
        Path(given["servers_directory"]) if given else Path(tempfile.mkdtemp(prefix="storky-tests-"))
    )
    config.stash[_controller] = given["servers_controller"] if given else os.getpid()
    config.stash[_environment] = given["servers_environment"] if given else _taken_from_environment()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a pytest-xdist worker what it cannot find out."""
    config: pytest.Config = node.config  # type: ignore[attr-defined]
    node.workerinput["servers_directory"] = str(config.stash[_directory])  # type: ignore[attr-defined]
    node.workerinput["servers_controller"] = config.stash[_controller]  # type: ignore[attr-defined]
    node.workerinput["servers_environment"] = config.stash[_environment]  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started, and remove it."""
    if config.stash.get(_controller, None) != os.getpid():
        return
    directory = config.stash[_directory]
    for file in directory.glob("*.pid"):
        _end(int(file.read_text()))
    shutil.rmtree(directory)


@pytest.fixture(scope="session")
def postgres_url(pytestconfig: pytest.Config) -> str:
    """The superuser's URL of the shared server."""
    if given := Database.given(pytestconfig.stash[_environment]):
        return _with_path(given.superuser_url, "postgres")
    return PostgresServer(_kept(pytestconfig, "postgres")).url()


@contextmanager
def fresh_database(server_url: str, template: str = "template1") -> Iterator[str]:
    """Yield the URL of a new database that lasts as long as the block; for fixtures of a wider scope."""
    name = f"test_{uuid4().hex}"
    _sql(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield _with_path(server_url, name)
    finally:
        _sql(server_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """A fresh, empty database."""
    with fresh_database(postgres_url) as url:
        yield url


@pytest.fixture(scope="session")
def installed_template(postgres_url: str) -> Iterator[str]:
    """The name of a database with the schema, to be copied."""
    with fresh_database(postgres_url) as url:
        anyio.run(upgrade, url)
        yield urlsplit(url).path[1:]


@pytest.fixture
def installed_url(postgres_url: str, installed_template: str) -> Iterator[str]:
    """A fresh database with the schema; the superuser's URL."""
    with fresh_database(postgres_url, installed_template) as url:
        yield url


@pytest.fixture(scope="session")
def rabbitmq(pytestconfig: pytest.Config) -> Node:
    """The shared node. Start one of your own to stop or kill it."""
    if given := Broker.given(pytestconfig.stash[_environment]):
        return GivenNode(given)
    return RabbitmqServer(_kept(pytestconfig, "rabbitmq"))


@pytest.fixture
def vhost(rabbitmq: Node) -> Iterator[str]:
    """A fresh virtual host, on which the admin user may do everything."""
    name = f"test-{uuid4().hex}"
    credentials = (rabbitmq.admin_user, rabbitmq.admin_password)
    url, trust = f"{rabbitmq.management_url}/api", NO_AUTHORITIES
    with httpx.Client(base_url=url, auth=credentials, timeout=30, verify=trust) as api:
        api.put(f"/vhosts/{name}", json={"default_queue_type": "quorum"}).raise_for_status()
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        api.put(f"/permissions/{name}/{rabbitmq.admin_user}", json=everything).raise_for_status()
        yield name
        api.delete(f"/vhosts/{name}").raise_for_status()


def _taken_from_environment() -> dict[str, str]:
    # Taken away: two systems at the same time must not share a database and a broker.
    names = (DATABASE_URL, AMQP_URLS, MANAGEMENT_URL)
    return {name: os.environ.pop(name) for name in names if name in os.environ}


def _with_path(url: str, path: str) -> str:
    return urlsplit(url)._replace(path=f"/{path}").geturl()


def _kept(config: pytest.Config, kind: str) -> Path:
    directory = config.stash[_directory] / kind
    with directory.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not directory.with_suffix(".pid").exists():
            _spawn_keeper(kind, directory, config.stash[_controller])
        _wait_for(directory)
    return directory


def _spawn_keeper(kind: str, directory: Path, controller: int) -> None:
    log = str(directory.with_suffix(".log"))
    # Not a Popen: it would complain that its process outlives it, which is what a keeper is for.
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, str(_KEEPER), kind, str(directory), str(controller)],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    directory.with_suffix(".pid").write_text(str(pid))


def _wait_for(directory: Path) -> None:
    deadline = time.monotonic() + _START
    while not directory.with_suffix(".started").exists():
        if (failed := directory.with_suffix(".failed")).exists():
            raise RuntimeError(failed.read_text())
        if time.monotonic() > deadline:
            raise RuntimeError(f"no {directory.name} after {_START} s; see {directory.with_suffix('.log')}")
        time.sleep(0.05)


def _end(pid: int) -> None:
    try:
        keeper = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    signal.pidfd_send_signal(keeper, signal.SIGTERM)
    select.select([keeper], [], [], _STOP)
    os.close(keeper)


def _sql(url: str, statement: str) -> None:
    subprocess.run([BIN / "psql", "--quiet", "--no-psqlrc", "--command", statement, url], check=True)
