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


class Limits(Answer):
    """What the platform has set for one app; None is the region's own value."""

    max_image_bytes: int | None = None


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
    limits: Limits = Limits()
    migration_id: UUID | None = None
    frozen: bool = False
    desired: Literal["started", "stopped"] = "started"


class Container(Answer):
    """One process type of the formation. The command may hold a secret."""

    name: str
    amount: int
    size: str
    command: str | None = Field(default=None, repr=False)


class Stack(Answer):
    """What builds are made for."""

    id: str
    name: str


class ContainerSize(Answer):
    """How large a container is; memory in bytes."""

    name: str
    memory: int


class Capacity(Answer):
    """What a region's containers may take up, and what is left of it and of its disks."""

    memory_bytes: int
    memory_free_bytes: int
    disk_free_bytes: int


class Variable(Answer):
    """An environment variable, unresolved. `addon_id` marks those that an addon provides."""

    name: str
    value: str = Field(repr=False)
    addon_id: str | None = None


class Build(Answer):
    """The build that is running: what it was made of, for which stack, and a signed URL to pull it from."""

    deployment_id: str
    digest: str
    size_bytes: int
    url: str = Field(repr=False)
    git_ref: str = ""
    stack: str = ""


class Domain(Answer):
    """A custom domain; `validity` is the end of its certificate, None without one."""

    id: str
    name: str
    validity: AwareDatetime | None = None
    ssl: bool = False
    canonical: bool = False
    letsencrypt_enabled: bool = False


class Certificate(Answer):
    """A domain's certificate with its chain, and its key, in PEM."""

    tlscert: str = Field(repr=False)
    tlskey: str = Field(repr=False)
    letsencrypt: bool = False


class Collaborator(Answer):
    """Somebody else who works on an app; only those who have accepted are more than an address."""

    id: str
    email: str = Field(repr=False)
    username: str = Field(default="", repr=False)
    user_id: str = ""
    status: str


class ScmLink(Answer):
    """The repository that an app is deployed from."""

    scm_type: str
    owner: str = Field(default="", repr=False)
    repo: str = Field(default="", repr=False)
    url: str = Field(default="", repr=False)
    branch: str | None = Field(default=None, repr=False)
    auth_integration_uuid: str | None = None
    auto_deploy_enabled: bool = False
    deploy_review_apps_enabled: bool = False
    delete_on_close_enabled: bool = False
    delete_stale_enabled: bool = False
    hours_before_delete_on_close: int = 0
    hours_before_delete_stale: int = 0
    automatic_creation_from_forks_allowed: bool = False


class Named(Answer):
    """Something a region knows by an id of its own, and every region by its name."""

    id: str
    name: str


class Notifier(Answer):
    """Whom a region tells what happens to an app, and how; `type_data` may hold a secret address."""

    id: str
    name: str
    type: str
    active: bool
    send_all_events: bool
    send_all_alerts: bool = False
    selected_event_ids: tuple[str, ...] = ()
    type_data: dict[str, Any] = Field(default_factory=dict, repr=False)
    platform_id: str


class Alert(Answer):
    """When a region tells its notifiers about a container type; `duration_before_trigger` in nanoseconds."""

    id: str
    container_type: str
    metric: str
    limit: float
    disabled: bool = False
    send_when_below: bool = False
    duration_before_trigger: int = 0
    remind_every: str = ""
    notifiers: tuple[str, ...] = ()


class Autoscaler(Answer):
    """Between which amounts a region keeps a container type, and by which metric."""

    id: str
    container_type: str
    metric: str
    target: float
    min_containers: int
    max_containers: int
    disabled: bool = False


class LogDrain(Answer):
    """Where log lines are sent; the address may hold a token."""

    id: str
    url: str = Field(repr=False)


class Plan(Answer):
    """What an addon's owner pays for; `disk_bytes` is how much data it holds."""

    id: str
    name: str
    disk_bytes: int | None = None


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
    size_bytes: int | None = None


class Progress(Answer):
    """How far long work is, as well as the region knows."""

    bytes: int = 0
    total_bytes: int | None = None
    rows: int | None = None
    total_rows: int | None = None


class Backup(Answer):
    """A backup of an addon's data; the digest is known when it is done."""

    id: str
    status: Literal["scheduled", "running", "done", "error"]
    size: int = 0
    digest: str | None = None
    progress: Progress | None = None


def _word(code: str | None) -> str | None:
    return code if code and WORD.fullmatch(code) else None


class Operation(Answer):
    """Work that a region does on its own. `error` is left out on purpose: only the code is a stable word."""

    id: str
    status: Literal["pending", "running", "done", "error"]
    type: str
    result: dict[str, Any] | None = None
    code: Annotated[str | None, AfterValidator(_word)] = None
    progress: Progress | None = None


class Fingerprint(Answer):
    """What a table, or a part of other data, holds: in few enough bytes to compare across regions."""

    kind: str
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
    """Where a region takes in the traffic of its apps: `<app>.<domain>` at `url`; what its A records hold."""

    url: str
    domain: str
    addresses: tuple[str, ...] = ()


class Handover(Answer):
    """Where a region's front sends an app's traffic, and until when."""

    region: str
    app: str
    front: str
    host: str
    expires_at: datetime
