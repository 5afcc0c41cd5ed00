"""Where everything of one system is: its servers, addresses and secrets, chosen once for a directory."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local import kept
from local.backing import Broker, Database
from local.caddy import CaddyServer
from local.install import BROKER_USERS, DATABASE_LOGINS
from local.postgres import PostgresServer, debian
from local.rabbitmq import RabbitmqServer

REGIONS: Mapping[str, str] = {"agora-fr1": "Agora, France 1", "osc-fr1": "Osc, France 1"}
# The versions of PostgreSQL that a region offers besides the wheel's, where Debian's packages are installed.
OLDER_POSTGRES: Mapping[str, tuple[str, ...]] = {"agora-fr1": ("15",)}
USERS = ("owner", "operator", "auditor")  # each has an API token; the owner is a plain user


@dataclass(frozen=True)
class RegionLayout:
    """One region: its directory, its own servers, the port of its API, and storky's credential for it."""

    name: str
    display_name: str
    directory: Path
    port: int
    postgres: PostgresServer
    older_postgres: Mapping[str, PostgresServer]
    front: CaddyServer
    credential: str

    @property
    def api(self) -> str:
        """The address of its API, without /v1."""
        return _local(self.port)

    @property
    def domain(self) -> str:
        """What follows an app's name in its address."""
        return f"{self.name}.localhost"


class Layout:
    """The parts of a system."""

    def __init__(self, directory: Path, environ: Mapping[str, str]) -> None:
        """Find, or choose, what the directory holds; servers that the environment names are used instead."""
        self.directory = directory
        self._ports = kept.ports(directory / "ports.json", ["gateway", *REGIONS])
        self._secrets = kept.passwords(directory / "secrets.json", _secret_names())
        self.regions = {name: self._region(name) for name in REGIONS}
        self.postgres: PostgresServer | None = None
        self.rabbitmq: RabbitmqServer | None = None
        self.database = Database.given(environ) or self._own_database()
        self.broker = Broker.given(environ) or self._own_broker()

    @property
    def archive(self) -> Path:
        """The folder of what is archived from the log."""
        return self.directory / "archive"

    @property
    def gateway(self) -> str:
        """The gateway's address, without /v1."""
        return _local(self._ports["gateway"])

    @property
    def jwt_key(self) -> str:
        """What the gateway and the regions sign with."""
        return self._secrets["jwt-key"]

    @property
    def evidence_key(self) -> str:
        """What the workers' digests of copied items are keyed with."""
        return self._secrets["evidence-key"]

    @property
    def front_key(self) -> str:
        """By what the regions' fronts know each other."""
        return self._secrets["front-key"]

    @property
    def webhook_key(self) -> str:
        """What the URLs and secrets of webhooks are sealed with."""
        return self._secrets["webhook-key"]

    @property
    def tokens(self) -> dict[str, str]:
        """The users' API tokens."""
        return {user: self._secrets[f"token/{user}"] for user in USERS}

    @property
    def database_passwords(self) -> dict[str, str]:
        """The passwords of the services' database logins."""
        return {login: self._secrets[f"database/{login}"] for login in DATABASE_LOGINS}

    @property
    def broker_passwords(self) -> dict[str, str]:
        """The passwords of the services' broker users."""
        return {user: self._secrets[f"broker/{user}"] for user in BROKER_USERS}

    def _region(self, name: str) -> RegionLayout:
        directory = self.directory / name
        return RegionLayout(
            name=name,
            display_name=REGIONS[name],
            directory=directory / "region",
            port=self._ports[name],
            postgres=PostgresServer(directory / "postgres"),
            older_postgres={
                version: PostgresServer(directory / f"postgres-{version}", bin=folder)
                for version, folder in older_postgres(name).items()
            },
            front=CaddyServer(directory / "front"),
            credential=self._secrets[f"region/{name}"],
        )

    def _own_database(self) -> Database:
        self.postgres = PostgresServer(self.directory / "postgres")
        return Database(self.postgres.url())

    def _own_broker(self) -> Broker:
        self.rabbitmq = node = RabbitmqServer(self.directory / "rabbitmq")
        return Broker((node.amqp_url(node.admin_user, node.admin_password),), node.management_url)


def older_postgres(region: str) -> Mapping[str, Path]:
    """Return the folders of the older PostgreSQL versions that a region can offer on this machine."""
    folders = {version: debian(version) for version in OLDER_POSTGRES.get(region, ())}
    return {version: folder for version, folder in folders.items() if folder}


def _secret_names() -> list[str]:
    return [
        "jwt-key",
        "evidence-key",
        "front-key",
        "webhook-key",
        *(f"token/{user}" for user in USERS),
        *(f"region/{name}" for name in REGIONS),
        *(f"database/{login}" for login in DATABASE_LOGINS),
        *(f"broker/{user}" for user in BROKER_USERS),
    ]


def _local(port: int) -> str:
    return f"http://127.0.0.1:{port}"
