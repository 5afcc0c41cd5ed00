"""What a region answers, as far as storky reads it. Unknown fields are ignored: a region may offer more.

Secret values (variables, signed URLs) are left out of repr, so that no log line or error text can hold them.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from regions.errors import WORD


class Answer(BaseModel):
    """Anything read from a region."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Owner(Answer):
    """The user an app belongs to, as its own region names them."""

    id: str
    username: str = Field(repr=False)
    email: str = Field(repr=False)


class App(Answer):
    """An app; `migration_id` is the migration that froze or made it."""

    id: str
    name: str
    status: str
    owner: Owner
    base_url: str | None = None
    stack_id: str = ""
    sticky_session: bool = False
    force_https: bool = False
    router_logs: bool = False
    migration_id: UUID | None = None
    frozen: bool = False
    desired: Literal["started", "stopped"] = "started"


class Container(Answer):
    """One process type of the formation. The command may hold a secret."""

    name: str
    amount: int
    size: str
    command: str | None = Field(default=None, repr=False)


class Variable(Answer):
    """An environment variable, unresolved. `addon_id` marks those that an addon provides."""

    name: str
    value: str = Field(repr=False)
    addon_id: str | None = None


class Build(Answer):
    """The build that is running, and a short-lived signed URL to pull it from."""

    deployment_id: str
    digest: str
    size_bytes: int
    url: str = Field(repr=False)


class Domain(Answer):
    """A custom domain; `validity` is the end of its certificate, None without one."""

    id: str
    name: str
    validity: AwareDatetime | None = None
    ssl: bool = False
    canonical: bool = False
    letsencrypt_enabled: bool = False


class Plan(Answer):
    """What an addon's owner pays for."""

    id: str
    name: str


class Provider(Answer):
    """A kind of addon and the versions a region has of it."""

    id: str
    name: str
    versions: tuple[str, ...] = ()
    has_data: bool = False


class Addon(Answer):
    """An addon of an app, and the names of the variables it provides."""

    id: str
    status: str
    plan: Plan
    addon_provider: Provider
    version: str = ""
    has_data: bool = False
    variables: tuple[str, ...] = ()


class Backup(Answer):
    """A backup of an addon's data; the digest is known when it is done."""

    id: str
    status: Literal["scheduled", "running", "done", "error"]
    size: int = 0
    digest: str | None = None


def _word(code: str | None) -> str | None:
    return code if code and WORD.fullmatch(code) else None


class Operation(Answer):
    """Work that a region does on its own. `error` is left out on purpose: only the code is a stable word."""

    id: str
    status: Literal["pending", "running", "done", "error"]
    type: str
    result: dict[str, Any] | None = None
    code: Annotated[str | None, AfterValidator(_word)] = None


class TableFingerprint(Answer):
    """What a table holds, in few enough bytes to compare across regions."""

    name: str
    rows: int
    checksum: str


class Resource(Answer):
    """Something that exists in a region because a migration made it."""

    kind: Literal["app", "addon", "handover"]
    id: str
    app: str
    source_id: str | None = None


class Front(Answer):
    """Where a region takes in the traffic of its apps: `<app>.<domain>` at `url`."""

    url: str
    domain: str


class Handover(Answer):
    """Where a region's front sends an app's traffic, and until when."""

    region: str
    app: str
    front: str
    host: str
    expires_at: datetime
