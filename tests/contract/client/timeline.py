"""The timeline. The client reads what an event says by its type; one that it cannot read it calls unknown."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from tests.contract.client.golang import Data, Id, Struct, Time
from tests.contract.client.shapes import Meta
from tests.contract.client.wire import Api

Digits = Annotated[str, Field(pattern=r"^\d+$")]  # a number that is written as a string


class Who(Struct):
    username: str
    email: str
    id: str


class Event(Struct):
    id: Id
    app_id: Id
    app_name: str
    type: Id
    created_at: Time | None = None
    user: Who
    type_data: Data

    @property
    def told(self) -> Struct:
        """What it says; raises pydantic.ValidationError, and KeyError for a type that nobody knows."""
        return TOLD[self.type].model_validate(self.type_data)


class Events(Struct):
    events: list[Event]
    meta: Meta


class Nothing(Struct):
    pass


class Created(Struct):
    git_source: str = ""


class Edited(Struct):
    force_https: bool | None = None


class Restarted(Struct):
    scope: list[str] | None = None
    addon_name: str = ""


class Scaled(Struct):
    previous_containers: dict[str, str]
    containers: dict[str, str]


class Stopped(Struct):
    reason: str = ""


class Crashed(Struct):
    container_type: str
    crash_logs: str = ""
    logs_url: str = ""


class Deployed(Struct):
    deployment_id: str
    pusher: str
    git_ref: str
    status: str
    duration: int
    deployment_uuid: str = ""


class StackChanged(Struct):
    previous_stack_id: str
    current_stack_id: str
    previous_stack_name: str = ""
    current_stack_name: str = ""


class Named(Struct):
    """A domain."""

    hostname: str
    ssl: bool = False
    old_ssl: bool = False


class VariableChanged(Struct):
    name: str
    value: str = ""
    old_value: str = ""
    addon_name: str = ""


class Pair(Struct):
    name: str
    value: str = ""


class VariablesChanged(Struct):
    new_vars: list[Pair]
    updated_vars: list[Pair]
    deleted_vars: list[Pair]


class Invited(Who):
    username: str = ""
    id: str = ""
    inviter: Who | None = None
    is_limited: bool = False


class CollaboratorChanged(Struct):
    collaborator: Invited


class AddonChanged(Struct):
    resource_id: str
    addon_provider_name: str
    plan_name: str


class AddonUpgraded(AddonChanged):
    plan_name: str = ""
    old_plan_name: str
    new_plan_name: str


class Linked(Struct):
    repo_name: str
    linker_username: str = ""
    source: str = ""
    branch: str = ""
    auto_deploy: bool = False
    auto_deploy_review_apps: bool = False
    delete_on_close: bool = False
    delete_stale: bool = False
    hours_before_delete_on_close: int = 0
    hours_before_delete_stale: int = 0
    creation_from_forks_allowed: bool = False


class Unlinked(Struct):
    repo_name: str
    unlinker_username: str = ""
    source: str = ""


class AlertChanged(Struct):
    container_type: str
    metric: str
    limit: float = 0
    limit_text: str = ""
    remind_every: str = ""


class ScalerChanged(Struct):
    container_type: str
    metric: str
    min_containers: Digits
    max_containers: Digits
    target: float
    target_text: str = ""


class ScalerDeleted(Struct):
    container_type: str
    metric: str


class DrainChanged(Struct):
    url: str
    addon_uuid: str = ""
    addon_name: str = ""


class NotifierChanged(Struct):
    notifier_name: str
    active: bool
    send_all_events: bool
    selected_events: list[str]
    notifier_type: str
    notifier_type_data: Data
    platform_name: str


class MigrationStarted(Struct):
    migration_id: Id
    destination: Id
    source: Id
    dst_app_name: Id


TOLD: Mapping[str, type[Struct]] = {
    "new_app": Created,
    "edit_app": Edited,
    "delete_app": Nothing,
    "restart": Restarted,
    "scale": Scaled,
    "stop_app": Stopped,
    "crash": Crashed,
    "repeated_crash": Crashed,
    "deployment": Deployed,
    "stack_changed": StackChanged,
    "new_domain": Named,
    "edit_domain": Named,
    "delete_domain": Named,
    "new_variable": VariableChanged,
    "edit_variable": VariableChanged,
    "delete_variable": VariableChanged,
    "edit_variables": VariablesChanged,
    "new_collaborator": CollaboratorChanged,
    "accept_collaborator": CollaboratorChanged,
    "delete_collaborator": CollaboratorChanged,
    "new_addon": AddonChanged,
    "upgrade_addon": AddonUpgraded,
    "delete_addon": AddonChanged,
    "link_scm": Linked,
    "update_scm": Linked,
    "unlink_scm": Unlinked,
    "new_alert": AlertChanged,
    "delete_alert": AlertChanged,
    "new_autoscaler": ScalerChanged,
    "edit_autoscaler": ScalerChanged,
    "delete_autoscaler": ScalerDeleted,
    "new_log_drain": DrainChanged,
    "delete_log_drain": DrainChanged,
    "new_addon_log_drain": DrainChanged,
    "delete_addon_log_drain": DrainChanged,
    "new_notifier": NotifierChanged,
    "edit_notifier": NotifierChanged,
    "delete_notifier": NotifierChanged,
    "start_region_migration": MigrationStarted,
}


async def timeline(region: Api, app: str, **page: int) -> Events:
    """`timeline`."""
    return await region.get(f"/apps/{app}/events", Events, params=page)
