"""What an app is and runs, as answers and the document show it."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from typing_extensions import TypedDict

from services.region.catalogue import Category, ContainerSize
from services.region.rules import status
from services.region.state import addons, deployments, operations
from services.region.state.apps import Desired
from services.region.state.people import Person

SslStatus = Literal["pending", "error", "success"]
BackupStatus = Literal["scheduled", "running", "done", "error"]


class AppLinks(TypedDict):
    """Where to follow an app."""

    deployments_stream: str


class App(TypedDict):
    """An app. `migration_id` is of the migration that has frozen or made it."""

    id: str
    name: str
    region: str
    owner: Person
    git_url: str
    url: str
    base_url: str
    status: status.Status
    last_deployed_at: datetime | None
    last_deployed_by: str
    created_at: datetime
    updated_at: datetime
    links: AppLinks
    stack_id: str
    sticky_session: bool
    force_https: bool
    router_logs: bool
    flags: dict[str, bool]
    limits: dict[str, int]
    hds_resource: bool
    private_networks_ids: list[str]
    migration_id: UUID | None
    frozen: bool
    desired: Desired


class Progress(TypedDict):
    """How far long work is."""

    bytes: int
    total_bytes: int | None
    rows: int | None
    total_rows: int | None


class Operation(TypedDict):
    """Work that outlives a request; `code` is a stable word for its `error`."""

    id: str
    app_id: str
    created_at: datetime
    finished_at: datetime | None
    status: operations.Status
    type: str
    error: str
    code: str
    result: dict[str, Any] | None
    progress: Progress | None


class ContainerType(TypedDict):
    """How many containers of a process type there shall be."""

    app_id: str
    name: str
    amount: int
    command: str
    size: str


class Container(TypedDict):
    """A container that runs."""

    id: str
    app_id: str
    created_at: datetime
    deleted_at: None
    command: str
    type: str
    type_index: int
    label: str
    state: Literal["starting", "running", "crashed", "stopped"]
    app: None
    container_size: ContainerSize


class Variable(TypedDict):
    """A variable, and the addon that provides it."""

    id: str
    name: str
    value: str
    addon_id: str | None


class AcmeError(TypedDict):
    """What keeps a certificate from being issued; this region's authority asks for no record."""

    dns_provider: str
    variables: list[str]


class Domain(TypedDict):
    """A custom domain."""

    id: str
    app_id: str
    name: str
    canonical: bool
    letsencrypt_enabled: bool
    letsencrypt: bool
    letsencrypt_status: Literal["new", "created"]
    ssl: bool
    ssl_status: SslStatus
    validity: datetime | None
    acme_dns_fqdn: str
    acme_dns_value: str
    acme_dns_error: AcmeError


class Plan(TypedDict):
    """A size of an addon; `disk_bytes` is how much data it holds."""

    id: str
    name: str
    display_name: str
    description: str
    position: int
    on_demand: bool
    disabled: bool
    disabled_alternative_plan_id: bool
    sku: str
    hds_available: bool
    disk_bytes: int | None


class Provider(TypedDict):
    """A kind of addon."""

    id: str
    logo_url: str
    name: str
    short_description: str
    description: str
    category: Category
    provider_name: str
    provider_url: str
    hds_available: bool
    plans: list[Plan]
    versions: list[str]
    has_data: bool


class Addon(TypedDict):
    """An addon; `variables` are the names of those that it provides."""

    id: str
    app_id: str
    resource_id: str
    status: addons.Status
    plan: Plan
    addon_provider: Provider
    provisioned_at: datetime
    deprovisioned_at: None
    version: str
    has_data: bool
    variables: list[str]
    size_bytes: int | None


class Backup(TypedDict):
    """A backup of an addon's data."""

    id: str
    created_at: datetime
    started_at: datetime
    name: str
    size: int
    status: BackupStatus
    database_id: str
    method: Literal["manual"]
    digest: str | None
    progress: Progress | None


class DeploymentLinks(TypedDict):
    """Where to read what a deployment tells."""

    output: str


class Deployment(TypedDict):
    """A deployment."""

    id: str
    app_id: str
    created_at: datetime
    status: deployments.Status
    git_ref: str
    image: str
    registry: str
    duration: int
    postdeploy_hook: str
    image_size: int
    stack_base_image: str
    pusher: Person
    links: DeploymentLinks


class AppBody(TypedDict):
    """An app, wrapped as clients read it."""

    app: App


class FormationBody(TypedDict):
    """All process types of an app."""

    containers: list[ContainerType]


class OperationBody(TypedDict):
    """An operation, wrapped as clients read it."""

    operation: Operation
