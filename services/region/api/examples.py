"""What the OpenAPI document shows: a body of each kind that is sent, and what storky's own calls answer."""

from collections.abc import Mapping
from typing import Any

from services.region.rules.notifications import platform_id

REGION, OTHER_REGION, APP = "osc-fr1", "agora-fr1", "my-app"
_APP_ID, _ADDON = "68f0c1d2a3b4c5d6e7f80912", "ad-68f0c1d2a3b4c5d6e7f80913"
_DEPLOYMENT, _DOMAIN, _OPERATION = (f"68f0c4b7d8e9fa0b1c2d3e4{last}" for last in "def")
_MIGRATION = "0199f2a4-6c1e-7b3d-9a52-4f8e1d2c3b4a"
_STACK = "storky-22"
_DIGEST = "5d" * 32
_WHEN = "2026-03-02T09:15:00Z"

_LINK = {"branch": "main", "auto_deploy_enabled": True}
_PULL = {
    "source_url": f"https://api.{OTHER_REGION}.example.com/files/builds/{_DEPLOYMENT}?token=signed",
    "digest": _DIGEST,
    "size_bytes": 2_000_000,
}
_HANDOVER = {
    "region": OTHER_REGION,
    "app": APP,
    "front": f"https://front.{OTHER_REGION}.example.com",
    "host": f"{APP}.{OTHER_REGION}.example.com",
    "expires_at": "2099-04-01T09:15:00Z",
}
_INVENTORY = {
    "app_id": _APP_ID,
    "status": "running",
    "containers": [{"name": "web", "amount": 1, "size": "M"}],
    "build": {"deployment_id": _DEPLOYMENT, "digest": _DIGEST, "size_bytes": 2_000_000},
    "variables": ["GREETING"],
    "domains": [{"id": _DOMAIN, "name": "www.my-app.example"}],
    "addons": [
        {
            "id": _ADDON,
            "provider": "postgresql",
            "plan": "postgresql-sandbox",
            "version": "18",
            "has_data": True,
            "variables": ["DATABASE_URL"],
        }
    ],
    "collaborators": 1,
    "pending_collaborators": 0,
    "scm_link": True,
    "notifiers": 1,
    "alerts": 1,
    "log_drains": 0,
    "autoscalers": 0,
}
_OPERATION_BODY = {
    "id": _OPERATION,
    "app_id": _APP_ID,
    "created_at": _WHEN,
    "finished_at": None,
    "status": "running",
    "type": "restore",
    "error": "",
    "code": "",
    "result": None,
    "progress": {"bytes": 1_000_000, "total_bytes": 2_000_000, "rows": None, "total_rows": None},
}
_APP_BODY = {
    "id": _APP_ID,
    "name": APP,
    "region": REGION,
    "owner": {"id": "us-ada", "username": "ada", "email": "ada@example.com"},
    "git_url": f"git@ssh.{REGION}.example.com:{APP}.git",
    "url": f"https://{APP}.{REGION}.example.com",
    "base_url": f"https://{APP}.{REGION}.example.com",
    "status": "migrated",
    "last_deployed_at": _WHEN,
    "last_deployed_by": "ada",
    "created_at": _WHEN,
    "updated_at": _WHEN,
    "links": {"deployments_stream": ""},
    "stack_id": _STACK,
    "sticky_session": False,
    "force_https": True,
    "router_logs": False,
    "flags": {},
    "limits": {},
    "hds_resource": False,
    "private_networks_ids": [],
    "migration_id": _MIGRATION,
    "frozen": True,
    "desired": "stopped",
}

_SENT: Mapping[str, Any] = {
    "CreateApp": {"app": {"name": APP}},
    "Settings": {"force_https": True},
    "ChangeStack": {"app": {"stack_id": _STACK}},
    "PutVariables": {"variables": [{"name": "GREETING", "value": "hello"}]},
    "AddVariable": {"variable": {"name": "GREETING", "value": "hello"}},
    "Formation": {"containers": [{"name": "web", "amount": 1, "size": "M", "command": ""}]},
    "Restart": {"scope": ["web"]},
    "AddDomain": {"domain": {"name": "www.my-app.example", "canonical": True}},
    "ChangeDomain": {"domain": {"canonical": False}},
    "AddAddon": {"addon": {"addon_provider_id": "postgresql", "plan_id": "postgresql-sandbox"}},
    "ChangeAddon": {"addon": {"plan_id": "postgresql-starter-512"}},
    "Pull": _PULL,
    "Deploy": {
        "deployment": {
            "git_ref": "v1",
            "source_url": f"https://api.{REGION}.example.com/files/sources/{_DEPLOYMENT}?token=signed",
        }
    },
    "ImportBuild": {**_PULL, "git_ref": "v1", "stack": _STACK},
    "Destination": {"region": OTHER_REGION, "app": APP},
    "Handover": _HANDOVER,
    "Fence": {"epoch": 2},
    "AddCollaborator": {"collaborator": {"email": "grace@example.com"}},
    "AddLink": {"scm_repo_link": {"source": "https://github.com/ada/my-app", **_LINK}},
    "ChangeLink": {"scm_repo_link": _LINK},
    "AddNotifier": {
        "notifier": {
            "name": "releases",
            "platform_id": platform_id(REGION, "webhook"),
            "type_data": {"webhook_url": "https://hooks.example.com/releases"},
        }
    },
    "ChangeNotifier": {"notifier": {"active": False}},
    "AddAlert": {"alert": {"container_type": "web", "metric": "cpu", "limit": 0.9, "remind_every": "1h"}},
    "AlertChange": {"limit": 0.8, "disabled": True},
    "AddAutoscaler": {
        "autoscaler": {
            "container_type": "web",
            "metric": "cpu",
            "target": 0.7,
            "min_containers": 1,
            "max_containers": 4,
        }
    },
    "AutoscalerChange": {"target": 0.6},
    "AddDrain": {"drain": {"type": "syslog", "host": "logs.example.com", "port": 6514}},
    "SetLimits": {"limits": {"max_image_bytes": 3_000_000_000}},
}

_ANSWERED: Mapping[str, Any] = {
    "AppBody": {"app": _APP_BODY},
    "InventoryBody": {"inventory": _INVENTORY},
    "OperationBody": {"operation": _OPERATION_BODY},
    "FormationBody": {
        "containers": [{"app_id": _APP_ID, "name": "web", "amount": 1, "command": "", "size": "M"}]
    },
    "BuildBody": {
        "build": {
            "deployment_id": _DEPLOYMENT,
            "digest": _DIGEST,
            "size_bytes": 2_000_000,
            "git_ref": "v1",
            "stack": _STACK,
            "url": _PULL["source_url"],
        }
    },
    "CertificateBody": {
        "certificate": {
            "tlscert": "-----BEGIN CERTIFICATE-----...",
            "tlskey": "-----BEGIN PRIVATE KEY-----...",
            "letsencrypt": False,
        }
    },
    "FrontBody": {
        "front": {
            "url": f"http://front.{REGION}.example.com",
            "tls_url": f"https://front.{REGION}.example.com",
            "domain": f"{REGION}.example.com",
            "addresses": ["192.0.2.1"],
        }
    },
    "HandoverBody": {"handover": _HANDOVER},
    "FenceBody": {"fence": {"migration_id": _MIGRATION, "epoch": 2}},
    "ResourcesBody": {
        "resources": [{"kind": "addon", "id": _ADDON, "app": APP, "source_id": "ad-68f0c1d2a3b4c5d6e7f80900"}]
    },
}

# By the names of the schemas.
BODIES: Mapping[str, Any] = {**_SENT, **_ANSWERED}
