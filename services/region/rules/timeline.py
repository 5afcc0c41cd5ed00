"""What the timeline tells of each change, in the fields that clients print.

Names, amounts and ids; never a variable's value, a token, or an address that lets one write there.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from services.region.catalogue import Catalogue
from services.region.rules import durations
from services.region.rules.log_drains import shown
from services.region.rules.notifications import event_type_names
from services.region.rules.scm import repository
from services.region.state.addons import Addon
from services.region.state.deployments import Deployment
from services.region.state.domains import Domain
from services.region.state.formation import ProcessType
from services.region.state.people import Person
from services.region.state.surroundings import (
    Alert,
    Autoscaler,
    Collaborator,
    LogDrain,
    Notifier,
    ScmLink,
)

Data = dict[str, Any]


def migration(migration_id: UUID, *, source: str, destination: str, app: str) -> Data:
    """Tell from which region, and to which app in another one, a migration leads."""
    return {
        "migration_id": str(migration_id),
        "source": source,
        "destination": destination,
        "dst_app_name": app,
    }


def stack(before: str, after: str, catalogue: Catalogue) -> Data:
    """Tell which stack took the place of which; one may not be offered any more."""
    names = {stack.id: stack.name for stack in catalogue.stacks}
    return {
        "previous_stack_id": before,
        "previous_stack_name": names.get(before, before),
        "current_stack_id": after,
        "current_stack_name": names.get(after, after),
    }


def formation(before: Iterable[ProcessType], after: Iterable[ProcessType]) -> Data:
    """Tell how many containers, of which size, each process type had and shall have."""
    return {"previous_containers": _sizes(before), "containers": _sizes(after)}


def _sizes(formation: Iterable[ProcessType]) -> dict[str, str]:
    return {each.name: f"{each.amount}:{each.size}" for each in formation}


def deployment(deployment: Deployment) -> Data:
    """Tell how a deployment has ended."""
    return {
        "deployment_id": deployment.id,
        "deployment_uuid": deployment.id,
        "pusher": deployment.pusher["username"],
        "git_ref": deployment.git_ref,
        "status": deployment.status,
        "duration": deployment.seconds,
    }


def domain(domain: Domain, before: Domain | None = None) -> Data:
    """Tell of a domain, and whether it has a certificate, and had one."""
    told = {"hostname": domain.name, "ssl": domain.certificate is not None}
    return {**told, "old_ssl": before.certificate is not None} if before else told


def addon(addon: Addon, catalogue: Catalogue, before: Addon | None = None) -> Data:
    """Tell of an addon, and from which plan it came."""
    provider = catalogue.provider(addon.provider_id)
    plan = provider.plan(addon.plan_id).name
    told = {"addon_provider_name": provider.name, "plan_name": plan, "resource_id": addon.resource_id}
    if before is None:
        return told
    return {**told, "old_plan_name": provider.plan(before.plan_id).name, "new_plan_name": plan}


def collaborator(collaborator: Collaborator, actor: Person) -> Data:
    """Tell of a collaborator, and who invited, or removed, them."""
    return {
        "collaborator": {
            "id": collaborator.user_id or "",
            "username": collaborator.username,
            "email": collaborator.email,
            "inviter": actor,
        }
    }


def notifier(notifier: Notifier, region: str) -> Data:
    """Tell of a notifier, but for whom it tells."""
    return {
        "notifier_name": notifier.name,
        "notifier_type": notifier.type,
        "notifier_type_data": {},
        "platform_name": notifier.type,
        "active": notifier.active,
        "send_all_events": notifier.send_all_events,
        "selected_events": event_type_names(region, notifier.selected_event_ids),
    }


def alert(alert: Alert) -> Data:
    """Tell of an alert."""
    return {
        "container_type": alert.container_type,
        "metric": alert.metric,
        "limit": alert.limit,
        "limit_text": f"{alert.limit:g}",
        "send_when_below": alert.send_when_below,
        "remind_every": durations.text(alert.remind_every),
    }


def autoscaler(autoscaler: Autoscaler) -> Data:
    """Tell of an autoscaler; clients read its amounts from texts."""
    return {
        "container_type": autoscaler.container_type,
        "metric": autoscaler.metric,
        "target": autoscaler.target,
        "target_text": f"{autoscaler.target:g}",
        "min_containers": str(autoscaler.min_containers),
        "max_containers": str(autoscaler.max_containers),
    }


def log_drain(drain: LogDrain, addon: Addon | None = None) -> Data:
    """Tell of a log drain, and of the addon whose lines it takes."""
    told = {"url": shown(drain.url)}
    return {**told, "addon_uuid": addon.id, "addon_name": addon.provider_id} if addon else told


def scm_link(link: ScmLink) -> Data:
    """Tell of a link to a repository."""
    return {
        "repo_name": "/".join(repository(link.url)),
        "source": link.scm_type,
        "branch": link.branch,
        "linker_username": link.linker["username"],
        "auto_deploy": link.auto_deploy_enabled,
        "auto_deploy_review_apps": link.deploy_review_apps_enabled,
        "delete_on_close": link.delete_on_close_enabled,
        "delete_stale": link.delete_stale_enabled,
        "hours_before_delete_on_close": link.hours_before_delete_on_close,
        "hours_before_delete_stale": link.hours_before_delete_stale,
        "creation_from_forks_allowed": link.automatic_creation_from_forks_allowed,
    }


def scm_unlink(link: ScmLink, actor: Person) -> Data:
    """Tell of a link to a repository that is no more."""
    repo = "/".join(repository(link.url))
    return {"repo_name": repo, "source": link.scm_type, "unlinker_username": actor["username"]}
