"""What the OpenAPI document shows: bodies and errors of one migration, from beginning to end."""

from collections.abc import Mapping
from typing import Any

SOURCE, DESTINATION = "agora-fr1", "osc-fr1"
APP, APP_ID, NEW_APP_ID = "my-app", "68f0c1d2a3b4c5d6e7f80912", "68f0c4b7d8e9fa0b1c2d3e4f"
MIGRATION = "0199f2a4-6c1e-7b3d-9a52-4f8e1d2c3b4a"
TASK = "0199f2a4-7d2f-7c4e-8b63-5a9f2e3d4c5b"
TOKEN = "0199f2a3-1b0c-7d5e-a6f7-0c1d2e3f4a5b"  # noqa: S105 - the id of one
CREATED, STARTED, DONE = "2026-03-02T09:15:00Z", "2026-03-02T09:15:04Z", "2026-03-02T09:15:05Z"

# By the names of the parameters in paths.
PATHS: Mapping[str, Mapping[str, str]] = {
    "region": {"description": "The region that the app is in.", "example": SOURCE},
    "app": {"description": "The app's name, or its id.", "example": APP},
    "migration_id": {"description": "The migration's id."},
    "token_id": {"description": "The API token's id: not its secret."},
    "name": {"description": "The webhook's name."},
    "integration": {"description": "The code host's id, or its type."},
}

ERRORS: Mapping[int, Mapping[str, Any]] = {
    400: {
        "error": "The prepare step starts from preflight-success; this migration is created.",
        "code": "wrong_state",
    },
    401: {"error": "The token is invalid or has expired; exchange your API token again."},
    403: {"error": "An auditor may look at migrations, not change them.", "code": "read_only"},
    404: {"resource": "app", "error": f"There is no such app of yours in {SOURCE}."},
    413: {"error": "A body may have 65536 bytes.", "code": "too_large"},
    422: {"errors": {"destination": ["There is no region 'nowhere'; there are agora-fr1, osc-fr1."]}},
    429: {"error": "Too many requests; come back in 1 s.", "code": "too_many_requests"},
    503: {
        "error": "storky's database does not answer; try again later.",
        "code": "database_unavailable",
    },
}

_PAGE = {
    "pagination": {
        "prev_page": None,
        "current_page": 1,
        "next_page": None,
        "total_pages": 1,
        "total_count": 1,
    }
}
_ENDS = {"source": {"region": SOURCE, "app": APP}, "destination": {"region": DESTINATION, "app": APP}}

_MIGRATION = {
    "id": MIGRATION,
    "src_app_name": APP,
    "dst_app_name": APP,
    "app_id": APP_ID,
    "new_app_id": "",
    "source": SOURCE,
    "destination": DESTINATION,
    "status": "preflight-success",
    "started_at": CREATED,
    "finished_at": None,
    "steps": [{"id": TASK, "name": "Check addon versions", "status": "done", "logs": ""}],
}
_TASK: Mapping[str, Any] = {
    "step": "preflight",
    "name": "check-versions",
    "label": "Check addon versions",
    "item": None,
    "service": "addons",
    "state": "done",
    "skipped": False,
    "started_at": STARTED,
    "finished_at": DONE,
    "message": "",
    "result": {},
}
_STATUS: Mapping[str, Any] = {
    "id": MIGRATION,
    **_ENDS,
    "app_id": APP_ID,
    "new_app_id": "",
    "status": "preflight-success",
    "version": 12,
    "started_by": "us-ada",
    "started_at": CREATED,
    "finished_at": None,
    "tasks": [{**_TASK, "task_id": TASK, "run": 1, "place": 0, "reasons": []}],
}

_EVENT = {
    "position": 4711,
    "stream": f"migration/{MIGRATION}",
    "version": 1,
    "type": "MigrationCreated",
    "schema_version": 1,
    "time": CREATED,
    "actor": "storky-gateway",
    "on_behalf_of": "us-ada",
    "correlation_id": MIGRATION,
    "causation_id": "0199f2a4-6b0d-7a2c-8941-3e7d0c1b2a39",
    "hash": "5d" * 32,
    "data": {"migration_id": MIGRATION, **_ENDS},
}
_WHO = {"actor": "storky-gateway", "on_behalf_of": "us-ada"}
_ENTRY = {"position": 4711, "version": 1, "hash": "5d" * 32}
_EVIDENCE: Mapping[str, Any] = {
    "migration_id": MIGRATION,
    **_ENDS,
    "app_id": APP_ID,
    "new_app_id": NEW_APP_ID,
    "status": "done",
    "acts": [{"what": "create", "at": CREATED, "by": _WHO}],
    "steps": [
        {
            "step": "preflight",
            "run": 1,
            "outcome": "succeeded",
            "started_at": STARTED,
            "ended_at": DONE,
            "seconds": 1.0,
            "tasks": [],
        }
    ],
    "items": [
        {
            "task": "copy-variables",
            "of": None,
            "item": "GREETING",
            "source": "f0" * 32,
            "destination": "f0" * 32,
        }
    ],
    "downtime": None,
    "undone": [],
    "dns_records": [],
    "handover": {"until": "2026-04-01T09:20:00Z", "reminded_at": [], "expired_at": None},
    "log": {
        "stream": f"migration/{MIGRATION}",
        "events": 1,
        "first": _ENTRY,
        "last": _ENTRY,
    },
}
_PLAN = {
    **_ENDS,
    "copied": [{"kind": "variables", "count": 2, "names": []}],
    "not_moved": [{"kind": "logs", "count": None, "why": "They stay with the old app.", "names": []}],
    "changes": [
        {
            "what": "app id",
            "old": APP_ID,
            "new": None,
            "advice": "Scripts that name the app by its id need the new one.",
        }
    ],
    "mentions": ["SEARCH_URL"],
    "databases": [
        {
            "addon": "ad-7f3c",
            "provider": "PostgreSQL",
            "plan": "small",
            "version": "18",
            "size_bytes": 50_000_000,
            "seconds": 14,
        }
    ],
    "stop_seconds": 35,
    "measured_from": 12,
    "assumed": [],
}

_TOKEN = {
    "id": TOKEN,
    "user_id": "us-ada",
    "username": "ada",
    "email": "ada@example.com",
    "role": "user",
    "label": "laptop",
    "created_at": CREATED,
    "expires_at": None,
    "revoked_at": None,
}

_WEBHOOK = {
    "name": "billing",
    "host": "hooks.example.com",
    "subscriptions": ["MigrationDone.#", "StepFailed.#"],
    "created_at": CREATED,
    "paused_at": None,
    "delivered_at": DONE,
    "waiting": 0,
    "parked": 1,
    "problem": None,
}

_INTEGRATION = {
    "id": "0199f2a2-0a9b-7c4d-95e6-fb0c1d2e3f4a",
    "scm_type": "github",
    "url": "https://github.com",
    "username": "ada",
    "email": "ada@example.com",
}

# By the names of the schemas.
BODIES: Mapping[str, Any] = {
    "SignedToken": {"token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1cy1hZGEifQ.c2lnbmF0dXJl"},
    "UserBody": {
        "user": {
            "id": "us-ada",
            "username": "ada",
            "fullname": "ada",
            "email": "ada@example.com",
            "flags": {"admin": False},
        }
    },
    "RegionsBody": {
        "regions": [
            {
                "name": SOURCE,
                "display_name": "Agora",
                "ssh": "agora-fr1.example.com:22",
                "api": f"https://storky.example.com/{SOURCE}",
                "dashboard": "https://storky.example.com",
                "database_api": f"https://storky.example.com/{SOURCE}",
                "default": True,
            }
        ]
    },
    "NewMigrationBody": {"migration": {"destination": DESTINATION, "dst_app_name": ""}},
    "RunBody": {"step": "preflight"},
    "ApproveBody": {"step": "finalize"},
    "WireMigration": _MIGRATION,
    "WireTasks": {"migration": _MIGRATION, "tasks": [{**_TASK, "id": TASK, "progress": None}]},
    "WireListing": {"migrations": [_MIGRATION], "meta": _PAGE, "unreachable_regions": []},
    "MigrationPlan": _PLAN,
    "MigrationStatus": _STATUS,
    "Difference": {
        "before": 1,
        "after": 12,
        "changes": [{"field": "status", "before": "created", "after": "preflight-success"}],
        "tasks": [],
    },
    "Evidence": _EVIDENCE,
    "EventsPage": {"events": [_EVENT], "meta": _PAGE},
    "NewTokenBody": {
        "token": {key: _TOKEN[key] for key in ("user_id", "username", "email", "role", "label")}
    },
    "CreatedTokenBody": {"token": {**_TOKEN, "secret": f"tk-us-{'x' * 43}"}},
    "TokenBody": {"token": _TOKEN},
    "TokensBody": {"tokens": [_TOKEN]},
    "NewWebhookBody": {
        "webhook": {
            "name": "billing",
            "url": "https://hooks.example.com/storky",
            "subscriptions": ["MigrationDone.#", "StepFailed.#"],
            "new_secret": False,
        }
    },
    "AddedWebhookBody": {"webhook": {**_WEBHOOK, "secret": f"whsec_{'x' * 43}="}},
    "WebhookBody": {"webhook": _WEBHOOK},
    "WebhooksBody": {"webhooks": [_WEBHOOK]},
    "TrialBody": {"test": {"id": TASK, "problem": "410 Gone"}},
    "ParkedBody": {
        "deliveries": [
            {
                "id": TASK,
                "position": 4711,
                "type": "MigrationCreated",
                "attempts": 12,
                "problem": "503 Service Unavailable",
                "parked_at": DONE,
            }
        ],
        "meta": _PAGE,
    },
    "WantedAgain": {"id": TASK},
    "ResentBody": {"resent": 1},
    "IntegrationsBody": {"scm_integrations": [_INTEGRATION]},
    "IntegrationBody": {"scm_integration": _INTEGRATION},
}
