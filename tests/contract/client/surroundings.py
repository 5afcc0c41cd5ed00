"""What an app has beside its code: addons, people, notifiers and the like, as the contract writes them."""

from typing import Annotated, Literal

from pydantic import Field

from tests.contract.client.golang import Data, Id, Struct, Time, Uint
from tests.contract.client.shapes import Owner

AddonId = Annotated[str, Field(pattern=r"^ad-.+$")]  # by the prefix the client tells it from a name


class Plan(Struct):
    id: Id
    display_name: str
    name: str
    description: str
    position: int
    on_demand: bool
    disabled: bool
    disabled_alternative_plan_id: bool
    sku: str
    hds_available: bool


class Category(Struct):
    id: Id
    name: str
    description: str
    position: int


class Provider(Struct):
    id: Id
    logo_url: str
    name: str
    short_description: str
    description: str
    category: Category
    provider_name: str
    provider_url: str
    hds_available: bool
    plans: list[Plan]


class Addon(Struct):
    id: AddonId
    app_id: Id
    resource_id: str
    status: Literal["running", "provisioning", "suspended"]
    plan: Plan
    addon_provider: Provider
    provisioned_at: Time | None = None
    deprovisioned_at: Time | None = None


class Provisioned(Struct):
    addon: Addon
    message: str
    variables: list[str]


class Collaborator(Struct):
    id: Id
    app_id: Id
    username: str
    email: str
    status: Literal["pending", "accepted", "user account deleted"]
    user_id: str


class Drain(Struct):
    app_id: Id
    url: str


class Notifier(Struct):
    id: Id
    app_id: Id
    active: bool
    name: str
    type: Literal["webhook", "slack", "email"]
    send_all_events: bool
    send_all_alerts: bool
    selected_event_ids: list[str]
    type_data: Data
    platform_id: str
    created_at: Time | None = None
    updated_at: Time | None = None


class NotificationPlatform(Struct):
    id: Id
    name: str
    display_name: str
    logo_url: str
    description: str
    available_event_ids: list[str]


class EventType(Struct):
    id: Id
    category_id: str
    name: str
    display_name: str
    description: str
    template: str


class Alert(Struct):
    id: Id
    app_id: Id
    container_type: str
    metric: str
    limit: float
    disabled: bool
    send_when_below: bool
    duration_before_trigger: int
    remind_every: str
    created_at: Time | None = None
    updated_at: Time | None = None
    metadata: Data
    notifiers: list[str]


class Autoscaler(Struct):
    id: Id
    app_id: Id
    container_type: str
    metric: str
    target: float
    min_containers: int
    max_containers: int
    disabled: bool


class RepoLink(Struct):
    id: Id
    app_id: Id
    linker: Owner
    url: str
    owner: str
    repo: str
    branch: str
    scm_type: str
    created_at: Time | None = None
    updated_at: Time | None = None
    auto_deploy_enabled: bool
    auth_integration_uuid: str
    deploy_review_apps_enabled: bool
    delete_on_close_enabled: bool
    delete_stale_enabled: bool
    hours_before_delete_on_close: Uint
    hours_before_delete_stale: Uint
    last_auto_deploy_at: Time | None = None
    automatic_creation_from_forks_allowed: bool


class Backup(Struct):
    id: Id
    created_at: Time | None = None
    started_at: Time | None = None
    name: str
    size: Uint
    status: Literal["scheduled", "running", "done", "error"]
    database_id: str
    method: Literal["periodic", "manual"]


class Feature(Struct):
    name: str
    status: str


class Instance(Struct):
    id: str
    hostname: str
    port: int
    status: str
    type: str
    features: list[str]
    private_ip: str


class MaintenanceWindow(Struct):
    weekday_utc: int
    starting_hour_utc: int
    duration_in_hour: int


class Database(Struct):
    id: Id
    created_at: Time | None = None
    type_name: str
    readable_version: str
    status: str
    plan: str
    features: list[Feature]
    instances: list[Instance]
    periodic_backups_scheduled_at: list[int]
    maintenance_window: MaintenanceWindow
