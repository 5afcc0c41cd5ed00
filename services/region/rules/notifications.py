"""What notifiers can be told of, and by which platforms. Each region has ids of its own for both."""

from collections.abc import Iterable, Mapping
from uuid import NAMESPACE_URL, uuid5

from services.region.state.surroundings import NotifierType

EVENT_TYPES: Mapping[str, str] = {
    "new_app": "The app was created",
    "edit_app": "The app's settings were changed",
    "stack_changed": "The app was moved to another stack",
    "delete_app": "The app was deleted",
    "deployment": "A deployment has ended, or an earlier one's build was taken up again",
    "restart": "Containers were restarted",
    "scale": "The formation was changed",
    "stop_app": "The app was stopped",
    "crash": "A container has crashed",
    "repeated_crash": "A container crashes again and again",
    "new_domain": "A domain was added",
    "edit_domain": "A domain was changed",
    "delete_domain": "A domain was removed",
    "new_addon": "An addon was added",
    "upgrade_addon": "An addon has another plan",
    "delete_addon": "An addon was removed",
    "new_collaborator": "Somebody was invited",
    "accept_collaborator": "Somebody has accepted an invitation",
    "delete_collaborator": "A collaborator was removed",
    "new_variable": "A variable was added",
    "edit_variable": "A variable was changed",
    "delete_variable": "A variable was removed",
    "link_scm": "The app was linked to a repository",
    "update_scm": "The link to a repository was changed",
    "unlink_scm": "The app is linked to a repository no more",
    "new_log_drain": "A log drain was added",
    "delete_log_drain": "A log drain was removed",
    "new_addon_log_drain": "A log drain of an addon was added",
    "delete_addon_log_drain": "A log drain of an addon was removed",
    "new_notifier": "A notifier was added",
    "edit_notifier": "A notifier was changed",
    "delete_notifier": "A notifier was removed",
    "new_alert": "An alert was added",
    "delete_alert": "An alert was removed",
    "alert": "A metric has passed an alert's limit",
    "new_autoscaler": "An autoscaler was added",
    "edit_autoscaler": "An autoscaler was changed",
    "delete_autoscaler": "An autoscaler was removed",
    "autoscale": "An autoscaler has changed the formation",
    "start_region_migration": "A migration to another region was started",
}

PLATFORMS: Mapping[NotifierType, str] = {
    "webhook": "A POST to an address of your own",
    "slack": "A message to a channel of Slack",
    "email": "E-mails to addresses, or to people who work on the app",
}


def event_type_id(region: str, name: str) -> str:
    """Return a region's id of an event type."""
    return str(uuid5(NAMESPACE_URL, f"storky:{region}/event_types/{name}"))


def platform_id(region: str, name: str) -> str:
    """Return a region's id of a notification platform."""
    return str(uuid5(NAMESPACE_URL, f"storky:{region}/notification_platforms/{name}"))


def event_type_names(region: str, ids: Iterable[str]) -> list[str]:
    """Return the names of event types that a region's ids stand for."""
    names = {event_type_id(region, name): name for name in EVENT_TYPES}
    return [names[each] for each in ids if each in names]


def event_type_ids(region: str) -> list[str]:
    """Return the ids of all event types, in their order."""
    return [event_type_id(region, name) for name in EVENT_TYPES]


def platform_named_by(region: str, reference: str) -> NotifierType | None:
    """Return the name of the platform that has this id in a region."""
    return next((name for name in PLATFORMS if platform_id(region, name) == reference), None)
