"""Objects of the public API that surround an app, as its clients expect them."""

from services.region.api import surrounding_objects
from services.region.rules import durations, notifications
from services.region.rules.log_drains import shown
from services.region.rules.scm import repository
from services.region.state.events import Event
from services.region.state.surroundings import (
    Alert,
    Autoscaler,
    Collaborator,
    LogDrain,
    Notifier,
    NotifierType,
    ScmLink,
)


def collaborator(collaborator: Collaborator) -> surrounding_objects.Collaborator:
    """Return a collaborator."""
    return {
        "id": collaborator.id,
        "app_id": collaborator.app_id,
        "username": collaborator.username,
        "email": collaborator.email,
        "status": "accepted" if collaborator.user_id else "pending",
        "user_id": collaborator.user_id or "",
    }


def scm_link(link: ScmLink) -> surrounding_objects.ScmLink:
    """Return a link to a repository."""
    owner, repo = repository(link.url)
    return {
        "id": link.id,
        "app_id": link.app_id,
        "linker": link.linker,
        "url": link.url,
        "owner": owner,
        "repo": repo,
        "branch": link.branch,
        "scm_type": link.scm_type,
        "created_at": link.created_at,
        "updated_at": link.updated_at,
        "auto_deploy_enabled": link.auto_deploy_enabled,
        "auth_integration_uuid": link.auth_integration_uuid,
        "deploy_review_apps_enabled": link.deploy_review_apps_enabled,
        "delete_on_close_enabled": link.delete_on_close_enabled,
        "delete_stale_enabled": link.delete_stale_enabled,
        "hours_before_delete_on_close": link.hours_before_delete_on_close,
        "hours_before_delete_stale": link.hours_before_delete_stale,
        "last_auto_deploy_at": None,
        "automatic_creation_from_forks_allowed": link.automatic_creation_from_forks_allowed,
    }


def event(event: Event) -> surrounding_objects.Event:
    """Return an event of the timeline."""
    return {
        "id": event.id,
        "app_id": event.app_id,
        "app_name": event.app_name,
        "type": event.type,
        "created_at": event.created_at,
        "user": event.actor,
        "type_data": event.data,
    }


def event_type(region: str, name: str) -> surrounding_objects.EventType:
    """Return a type of events."""
    return {
        "id": notifications.event_type_id(region, name),
        "category_id": "",
        "name": name,
        "display_name": name.replace("_", " ").capitalize(),
        "description": notifications.EVENT_TYPES[name],
        "template": "",
    }


def platform(region: str, name: NotifierType) -> surrounding_objects.Platform:
    """Return a platform that notifiers use."""
    return {
        "id": notifications.platform_id(region, name),
        "name": name,
        "display_name": name.capitalize(),
        "logo_url": "",
        "description": notifications.PLATFORMS[name],
        "available_event_ids": notifications.event_type_ids(region),
    }


def notifier(notifier: Notifier, region: str) -> surrounding_objects.Notifier:
    """Return a notifier."""
    return {
        "id": notifier.id,
        "app_id": notifier.app_id,
        "active": notifier.active,
        "name": notifier.name,
        "type": notifier.type,
        "send_all_events": notifier.send_all_events,
        "send_all_alerts": notifier.send_all_alerts,
        "selected_event_ids": notifier.selected_event_ids,
        "type_data": notifier.type_data,
        "platform_id": notifications.platform_id(region, notifier.type),
        "created_at": notifier.created_at,
        "updated_at": notifier.updated_at,
    }


def alert(alert: Alert) -> surrounding_objects.Alert:
    """Return an alert."""
    return {
        "id": alert.id,
        "app_id": alert.app_id,
        "container_type": alert.container_type,
        "metric": alert.metric,
        "limit": alert.limit,
        "disabled": alert.disabled,
        "send_when_below": alert.send_when_below,
        "duration_before_trigger": alert.duration_before_trigger,
        "remind_every": durations.text(alert.remind_every),
        "created_at": alert.created_at,
        "updated_at": alert.updated_at,
        "metadata": {},
        "notifiers": alert.notifiers,
    }


def autoscaler(autoscaler: Autoscaler) -> surrounding_objects.Autoscaler:
    """Return an autoscaler."""
    return {
        "id": autoscaler.id,
        "app_id": autoscaler.app_id,
        "container_type": autoscaler.container_type,
        "metric": autoscaler.metric,
        "target": autoscaler.target,
        "min_containers": autoscaler.min_containers,
        "max_containers": autoscaler.max_containers,
        "disabled": autoscaler.disabled,
    }


def log_drain(drain: LogDrain, *, whole: bool) -> surrounding_objects.LogDrain:
    """Return a log drain; whole, with its id and with the token in its URL, to nobody but storky."""
    if whole:
        return {"id": drain.id, "app_id": drain.app_id, "url": drain.url}
    return {"app_id": drain.app_id, "url": shown(drain.url)}
