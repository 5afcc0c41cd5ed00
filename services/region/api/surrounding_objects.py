"""What surrounds an app, as answers and the document show it."""

from datetime import datetime
from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from services.region.state.people import Person
from services.region.state.surroundings import NotifierType


class Collaborator(TypedDict):
    """Somebody who works on an app, or was invited to."""

    id: str
    app_id: str
    username: str
    email: str
    status: Literal["pending", "accepted"]
    user_id: str


class ScmLink(TypedDict):
    """The repository an app belongs to."""

    id: str
    app_id: str
    linker: Person
    url: str
    owner: str
    repo: str
    branch: str
    scm_type: str
    created_at: datetime
    updated_at: datetime
    auto_deploy_enabled: bool
    auth_integration_uuid: str
    deploy_review_apps_enabled: bool
    delete_on_close_enabled: bool
    delete_stale_enabled: bool
    hours_before_delete_on_close: int
    hours_before_delete_stale: int
    last_auto_deploy_at: None
    automatic_creation_from_forks_allowed: bool


class Event(TypedDict):
    """Something that was done to an app; what `type_data` holds depends on the type."""

    id: str
    app_id: str
    app_name: str
    type: str
    created_at: datetime
    user: Person
    type_data: dict[str, Any]


class EventType(TypedDict):
    """A type of events, for which a region has an id of its own."""

    id: str
    category_id: str
    name: str
    display_name: str
    description: str
    template: str


class Platform(TypedDict):
    """By what a notifier tells."""

    id: str
    name: str
    display_name: str
    logo_url: str
    description: str
    available_event_ids: list[str]


class Notifier(TypedDict):
    """Who is told of an app's events."""

    id: str
    app_id: str
    active: bool
    name: str
    type: NotifierType
    send_all_events: bool
    send_all_alerts: bool
    selected_event_ids: list[str]
    type_data: dict[str, Any]
    platform_id: str
    created_at: datetime
    updated_at: datetime


class Alert(TypedDict):
    """When notifiers are told of a metric; `duration_before_trigger` is in nanoseconds."""

    id: str
    app_id: str
    container_type: str
    metric: str
    limit: float
    disabled: bool
    send_when_below: bool
    duration_before_trigger: int
    remind_every: str
    created_at: datetime
    updated_at: datetime
    metadata: dict[str, str]
    notifiers: list[str]


class Autoscaler(TypedDict):
    """Between which amounts a process type is to be kept."""

    id: str
    app_id: str
    container_type: str
    metric: str
    target: float
    min_containers: int
    max_containers: int
    disabled: bool


class LogDrain(TypedDict):
    """Where a log goes too; only storky sees the `id`, and the token in the URL."""

    id: NotRequired[str]
    app_id: str
    url: str
