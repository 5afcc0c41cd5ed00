"""An app with everything that can be moved."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.certificates import certificate
from tests.regions.platform import Place
from tests.workers.owner import Owner, owner

REPOSITORY = "https://github.com/example/shop"
DRAIN = "https://drain.example.com/?token=hunter2"
EVENTS = ["crash", "deployment"]


@dataclass(frozen=True)
class WholeApp:
    """What a test needs to know of it."""

    name: str
    database: str
    uploaded: str  # a domain with a certificate of its owner's; another one has Let's Encrypt's
    collaborator: str
    notifier: str


async def make(place: Place, user: Owner, app: str) -> WholeApp:
    """Make the app in its region; it runs."""
    await user.create(app)
    database = await user.add_database(app)
    await _set_variables(user, app)
    await user.deploy(app)
    await user.call("PUT", f"/apps/{app}", {"sticky_session": True, "router_logs": True})
    async with owner(place, "operator", "operator") as operator:
        await operator.call("PUT", f"/apps/{app}/limits", {"limits": {"max_image_bytes": 1_000_000}})
    uploaded = await _add_domains(user, app)
    collaborator = await _invite(place, user, app)
    await user.call(
        "POST",
        f"/apps/{app}/scm_repo_link",
        {"scm_repo_link": {"source": REPOSITORY, "branch": "main", "auto_deploy_enabled": True}},
    )
    notifier = await add_notifier(user, app)
    alert = {
        "container_type": "web",
        "metric": "cpu",
        "limit": 0.8,
        "remind_every": "5m",
        "notifiers": [notifier],
    }
    await user.call("POST", f"/apps/{app}/alerts", {"alert": alert})
    for path in (f"/apps/{app}", f"/apps/{app}/addons/{database}"):
        await user.call("POST", f"{path}/log_drains", {"drain": {"type": "elk", "url": DRAIN}})
    scaler = {
        "container_type": "web",
        "metric": "cpu",
        "target": 0.5,
        "min_containers": 1,
        "max_containers": 3,
    }
    await user.call("POST", f"/apps/{app}/autoscalers", {"autoscaler": scaler})
    return WholeApp(app, database, uploaded, collaborator, notifier)


async def _set_variables(user: Owner, app: str) -> None:
    address = (await user.variables(app))["SCALINGO_POSTGRESQL_URL"].partition("@")[2].partition("/")[0]
    await user.set(app, GREETING="hello", REPORTS_DB=f"jdbc:postgresql://{address}/x", MINE="$GREETING")


async def _add_domains(user: Owner, app: str) -> str:
    uploaded = f"www.{app}.example.com"
    await user.call("POST", f"/apps/{app}/domains", {"domain": {"name": f"{app}.example.com"}})
    pair = certificate([uploaded], datetime.now(UTC) + timedelta(days=90))
    body = {"name": uploaded, "canonical": True, "tlscert": pair.tlscert, "tlskey": pair.tlskey}
    await user.call("POST", f"/apps/{app}/domains", {"domain": body})
    return uploaded


async def _invite(place: Place, user: Owner, app: str) -> str:
    """Invite two people, of whom one accepts; returns that one's id as a collaborator."""
    path = f"/apps/{app}/collaborators"
    await user.call("POST", path, {"collaborator": {"email": "pending@example.com"}})
    invited = await user.call("POST", path, {"collaborator": {"email": "colleague@example.com"}})
    collaborator = str(invited["collaborator"]["id"])
    async with owner(place, "colleague") as colleague:
        await colleague.call("POST", f"{path}/{collaborator}/accept")
    return collaborator


async def add_notifier(user: Owner, app: str) -> str:
    """Add a notifier for some events; returns its id."""
    types = (await user.call("GET", "/event_types"))["event_types"]
    (platform,) = (await user.call("GET", "/notification_platforms/search?name=webhook"))[
        "notification_platforms"
    ]
    body: dict[str, Any] = {
        "name": "to us",
        "platform_id": platform["id"],
        "selected_event_ids": [each["id"] for each in types if each["name"] in EVENTS],
        "type_data": {"webhook_url": "https://example.com/hook?token=hunter2"},
    }
    return str((await user.call("POST", f"/apps/{app}/notifiers", {"notifier": body}))["notifier"]["id"])
