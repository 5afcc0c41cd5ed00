"""Objects of the public API, as its clients expect them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from services.region.api import objects
from services.region.catalogue import Catalogue, Plan, Provider
from services.region.machinery.processes import ContainerState
from services.region.machinery.progress import Progress
from services.region.rules.status import status
from services.region.settings import Settings
from services.region.state.addons import Addon
from services.region.state.apps import App
from services.region.state.backups import Backup
from services.region.state.deployments import Deployment
from services.region.state.domains import Domain
from services.region.state.formation import ProcessType
from services.region.state.operations import Operation, Status
from services.region.state.variables import Variable

_BACKUP_STATUS: Mapping[Status, objects.BackupStatus] = {
    "pending": "scheduled",
    "running": "running",
    "done": "done",
    "error": "error",
}


def app(app: App, settings: Settings) -> objects.App:
    """Return an app."""
    url = _app_url(app, settings)
    return {
        "id": app.id,
        "name": app.name,
        "region": settings.name,
        "owner": app.owner,
        "git_url": f"git@ssh.{settings.apps_domain}:{app.name}.git",
        "url": url,
        "base_url": url,
        "status": status(app),
        "last_deployed_at": app.last_deployed_at,
        "last_deployed_by": app.last_deployed_by or "",
        "created_at": app.created_at,
        "updated_at": app.updated_at,
        "links": {"deployments_stream": ""},
        "stack_id": app.stack_id,
        "sticky_session": app.sticky_session,
        "force_https": app.force_https,
        "router_logs": app.router_logs,
        "flags": {},
        "limits": {"max_image_bytes": app.max_image_bytes} if app.max_image_bytes else {},
        "hds_resource": False,
        "private_networks_ids": [],
        "migration_id": app.frozen_by or app.made_by,
        "frozen": app.frozen_by is not None,
        "desired": app.desired,
    }


def operation(operation: Operation, under_way: Progress | None = None) -> objects.Operation:
    """Return an operation."""
    return {
        "id": operation.id,
        "app_id": operation.app_id,
        "created_at": operation.created_at,
        "finished_at": operation.finished_at,
        "status": operation.status,
        "type": operation.type,
        "error": operation.error,
        "code": operation.code,
        "result": operation.result,
        "progress": _progress(operation.status, under_way),
    }


def _progress(status: str, under_way: Progress | None) -> objects.Progress | None:
    known = status == "running" and under_way and under_way != Progress()
    if not (under_way and known):
        return None
    return {
        "bytes": under_way.bytes,
        "total_bytes": under_way.total_bytes,
        "rows": under_way.rows,
        "total_rows": under_way.total_rows,
    }


def formation(app: App, processes: Iterable[ProcessType]) -> objects.FormationBody:
    """Return a formation."""
    return {
        "containers": [
            {
                "app_id": app.id,
                "name": each.name,
                "amount": each.amount,
                "command": each.command,
                "size": each.size,
            }
            for each in processes
        ]
    }


def container(
    app: App, state: ContainerState, process: ProcessType | None, catalogue: Catalogue
) -> objects.Container:
    """Return a running container."""
    size = process.size if process else catalogue.container_sizes[0].name
    return {
        "id": state.id,
        "app_id": app.id,
        "created_at": state.started_at,
        "deleted_at": None,
        "command": process.command if process else "",
        "type": state.type,
        "type_index": state.index,
        "label": f"{state.type}-{state.index}",
        "state": state.state,
        "app": None,
        "container_size": catalogue.size(size),
    }


def variable(variable: Variable, value: str) -> objects.Variable:
    """Return a variable with its raw or its resolved value."""
    return {"id": variable.id, "name": variable.name, "value": value, "addon_id": variable.addon_id}


def domain(domain: Domain) -> objects.Domain:
    """Return a domain. No DNS record is waited for: the region's own authority plays Let's Encrypt."""
    secured = domain.certificate is not None
    return {
        "id": domain.id,
        "app_id": domain.app_id,
        "name": domain.name,
        "canonical": domain.canonical,
        "letsencrypt_enabled": domain.letsencrypt_enabled,
        "letsencrypt": secured and domain.letsencrypt_enabled,
        "letsencrypt_status": "created" if secured and domain.letsencrypt_enabled else "new",
        "ssl": secured,
        "ssl_status": _ssl_status(domain),
        "validity": domain.valid_until,
        "acme_dns_fqdn": "",
        "acme_dns_value": "",
        "acme_dns_error": {"dns_provider": "", "variables": []},
    }


def _ssl_status(domain: Domain) -> objects.SslStatus:
    if domain.valid_until is None:
        return "pending"
    return "success" if domain.valid_until > datetime.now(UTC) else "error"


def provider(provider: Provider) -> objects.Provider:
    """Return an addon provider."""
    return {
        "id": provider.id,
        "logo_url": "",
        "name": provider.name,
        "short_description": provider.short_description,
        "description": provider.description,
        "category": provider.category,
        "provider_name": provider.name,
        "provider_url": "",
        "hds_available": False,
        "plans": plans(provider),
        "versions": provider.versions,
        "has_data": provider.has_data,
    }


def plans(provider: Provider) -> list[objects.Plan]:
    """Return a provider's plans."""
    return [_plan(plan, position) for position, plan in enumerate(provider.plans, 1)]


def _plan(plan: Plan, position: int) -> objects.Plan:
    return {
        "id": plan.id,
        "name": plan.name,
        "display_name": plan.display_name,
        "description": plan.description,
        "sku": plan.sku,
        "disk_bytes": plan.disk_bytes,
        "position": position,
        "on_demand": False,
        "disabled": False,
        "disabled_alternative_plan_id": False,
        "hds_available": False,
    }


def addon(
    addon: Addon, catalogue: Catalogue, variables: Iterable[Variable], size_bytes: int | None
) -> objects.Addon:
    """Return an addon; of the variables, those that it provides are named."""
    offered = catalogue.provider(addon.provider_id)
    plan = next(plan for plan in plans(offered) if plan["id"] == addon.plan_id)
    return {
        "id": addon.id,
        "app_id": addon.app_id,
        "resource_id": addon.resource_id,
        "status": addon.status,
        "plan": plan,
        "addon_provider": provider(offered),
        "provisioned_at": addon.provisioned_at,
        "deprovisioned_at": None,
        "version": addon.version,
        "has_data": offered.has_data,
        "variables": [variable.name for variable in variables if variable.addon_id == addon.id],
        "size_bytes": size_bytes,
    }


def backup(backup: Backup, under_way: Progress | None = None) -> objects.Backup:
    """Return a backup."""
    return {
        "id": backup.id,
        "created_at": backup.created_at,
        "started_at": backup.created_at,
        "name": f"backup-{backup.created_at:%Y%m%d%H%M%S}",
        "size": backup.size_bytes,
        "status": _BACKUP_STATUS[backup.status],
        "database_id": backup.addon_id,
        "method": "manual",
        "digest": backup.digest,
        "progress": _progress(backup.status, under_way),
    }


def deployment(deployment: Deployment, address: str) -> objects.Deployment:
    """Return a deployment; its links are at an address of this region."""
    return {
        "id": deployment.id,
        "app_id": deployment.app_id,
        "created_at": deployment.created_at,
        "status": deployment.status,
        "git_ref": deployment.git_ref,
        "image": deployment.digest or "",
        "registry": "",
        "duration": deployment.seconds,
        "postdeploy_hook": "",
        "image_size": deployment.size_bytes or 0,
        "stack_base_image": deployment.stack_id,
        "pusher": deployment.pusher,
        "links": {"output": f"{address}/v1/apps/{deployment.app_id}/deployments/{deployment.id}/output"},
    }


def _app_url(app: App, settings: Settings) -> str:
    front = urlsplit(settings.front_url)
    port = f":{front.port}" if front.port else ""
    return f"{front.scheme}://{app.name}.{settings.apps_domain}{port}"
