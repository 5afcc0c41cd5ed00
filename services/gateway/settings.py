"""What the gateway is told by its environment, every name with the prefix STORKY_."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import (
    BaseModel,
    Field,
    IPvAnyNetwork,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)

from events.vocabulary import RegionName
from services.common.settings import BusSettings, DatabaseSettings
from services.common.webhooks import WebhookSettings

Role = Literal["user", "operator", "auditor"]
RESERVED = frozenset({"v1", "console", "metrics", "docs"})
HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]*[^\s?#/]$")]


class Region(BaseModel):
    """Where a region's API and its front are, and what follows an app's name in its address.

    The gateway is handed more keys than it reads.
    """

    api: HttpUrl
    front: HttpUrl
    domain: str = Field(min_length=1)
    display_name: str = ""


class ApiToken(BaseModel):
    """A user's API token, by its digest, and who that user is."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    id: str = Field(min_length=1)
    username: str = Field(min_length=1)
    email: str
    role: Role


class ScmIntegration(BaseModel):
    """A code host whose repositories apps may be linked to, and the id that the regions know it by."""

    id: UUID
    scm_type: Literal["github", "github-enterprise", "gitlab", "gitlab-self-hosted"]
    url: HttpUrl


class Rate(BaseModel):
    """How many requests are answered: so many at once, and from then on so many a second."""

    per_second: int = Field(ge=1)
    burst: int = Field(ge=1)


class Rates(BaseModel):
    """Of each user; of each address without a signed token, and for exchanging API tokens.

    By default far more than people and their scripts ask for.
    """

    user: Rate = Rate(per_second=500, burst=2000)
    anonymous: Rate = Rate(per_second=100, burst=1000)
    exchange: Rate = Rate(per_second=50, burst=500)


class Settings(DatabaseSettings, BusSettings, WebhookSettings):
    """The gateway's settings."""

    listen: str = Field(default="127.0.0.1:8900", pattern=r"^.+:\d+$")
    public_url: HttpUrl
    regions: dict[RegionName, Region] = Field(min_length=1)
    jwt_key: SecretStr = Field(min_length=32)
    api_tokens: tuple[ApiToken, ...] = ()
    scm_integrations: tuple[ScmIntegration, ...] = ()
    rates: Rates = Rates()
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()

    @field_validator("public_url")
    @classmethod
    def _has_a_dot(cls, url: str) -> str:
        if "." not in (urlsplit(url).hostname or ""):
            raise ValueError("the host must contain a dot (127.0.0.1, not localhost): clients split it there")
        return url

    @model_validator(mode="after")
    def _paths_are_distinct(self) -> Self:
        if taken := RESERVED & self.regions.keys():
            raise ValueError(f"no region can be named {', '.join(taken)}: the gateway's own paths begin so")
        return self

    @property
    def address(self) -> tuple[str, int]:
        """The host and the port to listen on."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)
