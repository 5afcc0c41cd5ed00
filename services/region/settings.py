"""What a region is told by its environment."""

import shutil
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    Secret,
    SecretStr,
    StringConstraints,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from events.vocabulary import RegionName

# Caddy would read a * or a { in it as more than a letter.
FrontKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")]


class Peer(BaseModel):
    """Where a region of the platform is reached: its API and its front."""

    api: str
    front: str


class PostgresServer(BaseModel):
    """A PostgreSQL server: its superuser's URL, and the folder of its version's programs."""

    url: SecretStr
    bin: Path


def _redis_folder(folder: Path) -> Path:
    path = None if folder == Path() else str(folder)
    found = shutil.which("redis-server", path=path)
    if found is None:
        raise ValueError("Redis is missing: type `apt-get install redis-server` as root, or name its folder")
    return Path(found).parent


class Settings(BaseSettings):
    """STORKY_REGION_*.

    Seconds: `health` is how long a started app has to answer, `settle` how long one without web containers
    has to stay up, `stop` how long a container has to end, `reconcile` what lies between two looks at
    everything, `signed_url` how long a link is good for. The region's state is in the database server of
    `database_url`, addons also in the `postgres_servers`. `memory` is what all containers may take up.
    `public_url` is where users reach the API, such as the gateway's; `peers` names all regions, this one too.
    """

    model_config = SettingsConfigDict(env_prefix="STORKY_REGION_", frozen=True, hide_input_in_errors=True)

    name: RegionName
    dir: Path
    database_url: SecretStr
    listen: str = Field(pattern=r"^[^:]+:\d+$")
    public_url: str
    front_url: str
    front_tls_url: str
    front_admin_url: str
    front_key: Secret[FrontKey]
    apps_domain: str
    peers: dict[RegionName, Peer]
    service_credential: SecretStr = Field(min_length=1)
    jwt_key: SecretStr = Field(min_length=1)
    postgres_bin: Path
    postgres_servers: tuple[PostgresServer, ...] = ()
    redis_bin: Annotated[Path, AfterValidator(_redis_folder)] = Field(default=Path(), validate_default=True)
    catalogue: Path | None = None
    health_seconds: float = 60
    settle_seconds: float = 5
    stop_seconds: float = 10
    reconcile_seconds: float = 5
    signed_url_seconds: int = 900
    memory_bytes: int = 2**40
    largest_upload_bytes: int = 1_000_000_000

    @property
    def address(self) -> tuple[str, int]:
        """The host and port to listen on."""
        host, _, port = self.listen.rpartition(":")
        return host, int(port)

    @model_validator(mode="after")
    def _is_among_the_peers(self) -> Self:
        if self.name not in self.peers:
            raise ValueError(f"peers has to name all regions, also {self.name} itself")
        return self

    @property
    def own_url(self) -> str:
        """Where the other regions and storky reach the API."""
        return self.peers[self.name].api.rstrip("/")

    @property
    def origins(self) -> frozenset[str]:
        """Where builds and dumps may be pulled from: the APIs of the platform's regions."""
        return frozenset(peer.api.rstrip("/") for peer in self.peers.values())
