"""An app and what it runs, as the contract writes them."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator

from tests.contract.client.golang import Data, Id, Struct, Time, Uint


def _stack_date(value: object) -> object:
    return date.fromisoformat(value) if isinstance(value, str) else value


class Owner(Struct):
    id: Id
    username: str
    email: str


class AppLinks(Struct):
    deployments_stream: str


class App(Struct):
    id: Id
    name: Id
    region: str
    owner: Owner
    git_url: str
    url: str
    base_url: str
    status: Literal["new", "running", "stopped", "scaling", "restarting", "migrating", "migrated"]
    last_deployed_at: Time | None = None
    last_deployed_by: str
    created_at: Time | None = None
    updated_at: Time | None = None
    links: AppLinks
    stack_id: str
    sticky_session: bool
    force_https: bool
    router_logs: bool
    flags: dict[str, bool]
    limits: Data
    hds_resource: bool
    private_networks_ids: list[str]


class Stack(Struct):
    id: Id
    name: str
    description: str
    base_image: str
    created_at: Time | None = None
    default: bool
    deprecated_at: Annotated[date, BeforeValidator(_stack_date)] | None = None


class Operation(Struct):
    id: Id
    app_id: Id
    created_at: Time | None = None
    finished_at: Time | None = None
    status: Literal["pending", "running", "done", "error"]
    type: str
    error: str


class Variable(Struct):
    id: Id
    name: str
    value: str


class ContainerType(Struct):
    app_id: Id
    name: str
    amount: int
    command: str
    size: str


class ContainerSize(Struct):
    id: Id
    name: str
    human_name: str
    human_cpu: str
    memory: int
    swap: int


class Container(Struct):
    id: Id
    app_id: Id
    created_at: Time
    deleted_at: Time | None = None
    command: str
    type: str
    type_index: int
    label: str
    state: str
    app: None
    container_size: ContainerSize


class AcmeError(Struct):
    dns_provider: str
    variables: list[str]


class Domain(Struct):
    id: Id
    app_id: Id
    name: str
    letsencrypt_enabled: bool
    ssl: bool
    validity: Time | None = None
    canonical: bool
    letsencrypt: bool
    letsencrypt_status: Literal["pending_dns", "new", "created", "dns_required", "error"]
    ssl_status: Literal["pending", "error", "success"]
    acme_dns_fqdn: str
    acme_dns_value: str
    acme_dns_error: AcmeError


class DeploymentLinks(Struct):
    output: str


class Pusher(Struct):
    """Never null: the client prints who it was."""

    id: str
    username: str
    email: str


class Deployment(Struct):
    id: Id
    app_id: Id
    created_at: Time
    status: Literal[
        "success",
        "queued",
        "building",
        "starting",
        "pushing",
        "aborted",
        "build-error",
        "crashed-error",
        "timeout-error",
        "hook-error",
    ]
    git_ref: str
    image: str
    registry: str
    duration: int
    postdeploy_hook: str
    image_size: Uint
    stack_base_image: str
    pusher: Pusher
    links: DeploymentLinks


class Source(Struct):
    upload_url: Id
    download_url: Id


class Pagination(Struct):
    prev_page: int | None
    current_page: int
    next_page: int | None
    total_pages: int
    total_count: int


class Meta(Struct):
    pagination: Pagination


class Deployments(Struct):
    deployments: list[Deployment]
    meta: Meta


class Logs(Struct):
    logs_url: Id
    app: App
