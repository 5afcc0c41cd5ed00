"""A private RabbitMQ node from Debian's package, with an epmd of its own."""

import os
import secrets
from pathlib import Path
from urllib.parse import quote

import anyio
import httpx

from local import kept
from local.child import Child, pid_of
from local.errors import MissingServerError, MovedError
from local.visiting import NO_AUTHORITIES

# The wrapper on PATH changes to the user of the system's broker; the script in here does not.
_PACKAGE = Path("/usr/lib/rabbitmq/lib")
_PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
_METHOD_FRAME = 1  # what a broker answers first; a proxy, or a node that still boots, does not
_CONFIG = """\
listeners.tcp.1 = 127.0.0.1:{amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
management.rates_mode = none
collect_statistics_interval = 1000
default_user = {user}
default_pass = {password}
log.file.level = info
"""


def _find_server() -> Path:
    scripts = sorted(_PACKAGE.glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    if not scripts:
        raise MissingServerError(
            "RabbitMQ is missing: type `apt-get install rabbitmq-server` as root,"
            " or set STORKY_AMQP_URLS and STORKY_AMQP_MANAGEMENT_URL to a broker's addresses."
        )
    return scripts[-1]


class RabbitmqServer:
    """A node whose data, passwords and ports live in one directory, and survive a restart."""

    admin_user = "admin"

    def __init__(self, directory: Path) -> None:
        """Name the node of a directory; it may run already, started by another process."""
        self.directory = directory.absolute()
        self._ports = kept.ports(
            self.directory / "ports.json", ["amqp", "management", "epmd", "distribution"]
        )
        self.admin_password = kept.passwords(self.directory / "secrets.json", ["admin"])["admin"]
        self._epmd: Child | None = None
        self._broker: Child | None = None

    @property
    def pid(self) -> int | None:
        """The broker's process id, while it runs as our child."""
        return pid_of(self._broker)

    @property
    def management_url(self) -> str:
        """The management plugin's address, without credentials."""
        return f"http://127.0.0.1:{self._ports['management']}"

    def amqp_url(self, user: str, password: str, vhost: str = "/") -> str:
        """Return the URL a client connects to."""
        port = self._ports["amqp"]
        return f"amqp://{quote(user)}:{quote(password, safe='')}@127.0.0.1:{port}/{quote(vhost, safe='')}"

    async def start(self) -> None:
        """Return when the node speaks AMQP and its management API answers; raises LocalError."""
        server = _find_server()
        self._stay()
        self._write_files()
        if self._epmd is None or not self._epmd.running:
            await self._start_epmd()
        self._broker = Child([str(server)], env=self._environment(), log=self.directory / "console.log")
        await self._broker.until(self._answers, "RabbitMQ")

    async def wait(self) -> None:
        """Return when the broker has ended, if we started it."""
        if self._broker:
            await self._broker.wait()

    async def stop(self) -> None:
        """Shut the node down in good order, which takes it 6 s; does nothing if we did not start it."""
        if self._broker:
            await self._broker.stop(grace=20)
        if self._epmd:
            await self._epmd.kill()
        self._broker = self._epmd = None

    async def kill(self) -> None:
        """End the broker as a power cut would; start() brings it back with its data."""
        if self._broker:
            await self._broker.kill()

    async def _start_epmd(self) -> None:
        # A shared epmd would outlive us, and its port is one for the whole machine.
        self._epmd = Child(
            ["epmd", "-port", str(self._ports["epmd"]), "-address", "127.0.0.1"],
            env=self._environment(),
            log=self.directory / "epmd.log",
        )
        await self._epmd.until(self._epmd_listens, "epmd")

    def _stay(self) -> None:
        """Raise MovedError where the data does not belong: quorum queues keep the path of their files."""
        kept_path = self.directory / "path"
        if not kept_path.exists():
            kept.write_private(kept_path, str(self.directory))
        elif (path := kept_path.read_text()) != str(self.directory):
            raise MovedError(f"The data in {self.directory} is RabbitMQ's at {path}: move it back to there.")

    def _write_files(self) -> None:
        config = _CONFIG.format(user=self.admin_user, password=self.admin_password, **self._ports)
        kept.write_private(self.directory / "rabbitmq.conf", config)
        kept.write_private(self.directory / "enabled_plugins", "[rabbitmq_management].\n")
        cookie = self.directory / ".erlang.cookie"
        if not cookie.exists():
            kept.write_private(cookie, secrets.token_hex(20))
            cookie.chmod(0o400)  # Erlang insists

    def _environment(self) -> dict[str, str]:
        home = self.directory
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(home),  # where the cookie is
            "ERL_EPMD_PORT": str(self._ports["epmd"]),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RUNNING_UNDER_SYSTEMD": "true",  # the start script then becomes the broker: one process id
            "RABBITMQ_NODENAME": "n0@localhost",
            "RABBITMQ_DIST_PORT": str(self._ports["distribution"]),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
            "RABBITMQ_MNESIA_DIR": str(home / "mnesia" / "n0"),
            "RABBITMQ_FEATURE_FLAGS_FILE": str(home / "mnesia" / "feature_flags"),
            "RABBITMQ_SCHEMA_DIR": str(home / "schema"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_PID_FILE": str(home / "rabbitmq.pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 -kernel inet_dist_use_interface {127,0,0,1}",
        }

    async def _epmd_listens(self) -> bool:
        try:
            stream = await anyio.connect_tcp("127.0.0.1", self._ports["epmd"])
        except OSError:
            return False
        await stream.aclose()
        return True

    async def _answers(self) -> bool:
        return await self._speaks_amqp() and await self._manages()

    async def _speaks_amqp(self) -> bool:
        try:
            async with await anyio.connect_tcp("127.0.0.1", self._ports["amqp"]) as stream:
                await stream.send(_PROTOCOL_HEADER)
                with anyio.fail_after(5):
                    return (await stream.receive())[0] == _METHOD_FRAME
        except (OSError, TimeoutError, anyio.EndOfStream, anyio.BrokenResourceError):
            return False

    async def _manages(self) -> bool:
        try:
            login = (self.admin_user, self.admin_password)
            async with httpx.AsyncClient(auth=login, timeout=5, verify=NO_AUTHORITIES) as client:
                answer = await client.get(f"{self.management_url}/api/overview")
        except httpx.TransportError:
            return False
        return answer.is_success
