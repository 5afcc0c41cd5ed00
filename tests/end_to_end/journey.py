"""An app with everything, moved under a new name by the command line; what was seen on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.cli.tool import Output
from tests.end_to_end import whole_app
from tests.end_to_end.overhearing import overhearing
from tests.end_to_end.whole_app import WholeApp
from tests.end_to_end.world import DESTINATION, SOURCE, World
from tests.workers.owner import Owner

Shown = Mapping[str, Any]
Change = tuple[str, str, Mapping[str, Any] | None]

NAME, NEW_NAME = "whole-app", "whole-new-app"

READS = (
    "",
    "/variables?aliases=false",
    "/containers",
    "/ps",
    "/domains",
    "/addons",
    "/deployments",
    "/collaborators",
    "/scm_repo_link",
    "/notifiers",
    "/alerts",
    "/autoscalers",
    "/log_drains",
    "/addons/{addon}/log_drains",
    "/logs",
)

# Every kind of change that an owner can make, but for the deletion of the app.
CHANGES: Sequence[Change] = (
    ("PUT", "", {"force_https": False}),
    ("PATCH", "", {"app": {"stack_id": "storky-22"}}),
    ("POST", "/restart", {"scope": []}),
    ("POST", "/scale", {"containers": [{"name": "web", "amount": 1}]}),
    ("PUT", "/variables", {"variables": [{"name": "NEW", "value": "1"}]}),
    ("POST", "/variables", {"variable": {"name": "NEW", "value": "1"}}),
    ("DELETE", "/variables/{variable}", None),
    ("POST", "/domains", {"domain": {"name": "new.example.com"}}),
    ("PATCH", "/domains/{domain}", {"domain": {"canonical": True}}),
    ("DELETE", "/domains/{domain}", None),
    ("POST", "/addons", {"addon": {"addon_provider_id": "logbook", "plan_id": "logbook-free"}}),
    ("PATCH", "/addons/{addon}", {"addon": {"plan_id": "postgresql-starter-1024"}}),
    ("DELETE", "/addons/{addon}", None),
    ("POST", "/addons/{addon}/log_drains", {"drain": {"type": "elk", "url": "https://new.example.com"}}),
    ("POST", "/deployments", {"deployment": {"git_ref": "new", "source_url": "https://example.com"}}),
    ("POST", "/deployments/{deployment}/rollback", {}),
    ("POST", "/collaborators", {"collaborator": {"email": "new@example.com"}}),
    ("DELETE", "/collaborators/{collaborator}", None),
    ("POST", "/scm_repo_link", {"scm_repo_link": whole_app.LINK}),
    ("PATCH", "/scm_repo_link", {"scm_repo_link": {"branch": "new"}}),
    ("DELETE", "/scm_repo_link", None),
    ("POST", "/notifiers", {"notifier": {"platform_id": "x"}}),
    ("PATCH", "/notifiers/{notifier}", {"notifier": {"active": False}}),
    ("DELETE", "/notifiers/{notifier}", None),
    ("POST", "/alerts", {"alert": whole_app.ALERT}),
    ("PATCH", "/alerts/{alert}", {"disabled": True}),
    ("DELETE", "/alerts/{alert}", None),
    ("POST", "/autoscalers", {"autoscaler": whole_app.SCALER}),
    ("PATCH", "/autoscalers/{autoscaler}", {"disabled": True}),
    ("DELETE", "/autoscalers/{autoscaler}", None),
    ("POST", "/log_drains", {"drain": {"type": "elk", "url": "https://new.example.com"}}),
    ("DELETE", "/log_drains?url=https://logs.example.com/app", None),
)
DELETION: Change = ("DELETE", f"?current_name={NAME}", None)


class Attempt(NamedTuple):
    """What came of a change: where it was refused, with a code and a text."""

    call: str
    status: int
    code: str
    error: str


@dataclass(frozen=True)
class Journey:
    """What the tests look at."""

    world: World
    app: WholeApp
    migration: str
    printed: Mapping[str, Output]  # by the step's name
    old: Shown  # what the app was before
    new: Shown  # what it is in its new region
    contents: Any  # of the databases, before
    while_frozen: Sequence[Attempt]
    overheard: Sequence[bytes]  # the messages of the migration


async def travel(world: World) -> Journey:
    """Make the app, and type the guide's four commands."""
    app = await whole_app.make(world, NAME)
    async with (
        world.working(SOURCE) as here,
        world.working(DESTINATION) as there,
        overhearing(world.system.endpoints.amqp[0]) as overheard,
    ):
        old, contents = await shown(here, NAME), await whole_app.contents(here, NAME)
        created = await world.command(NAME, "migration-create", "--to", DESTINATION, "--new-name", NEW_NAME)
        migration = created.field("Migration ID")
        prepared = await world.command(NAME, "migration-run", "--prepare", migration)
        while_frozen = [await attempt(here, old, change) for change in (*CHANGES, DELETION)]
        assert lasting(await shown(here, NAME)) == lasting(old)
        data = await world.command(NAME, "migration-run", "--data", migration)
        finalized = await world.command(NAME, "migration-run", "--finalize", migration)
        new = await shown(there, NEW_NAME)
        await overheard.heard(b"storky.MigrationDone")
    steps = {"create": created, "prepare": prepared, "data": data, "finalize": finalized}
    return Journey(world, app, migration, steps, old, new, contents, while_frozen, overheard.messages)


async def shown(user: Owner, name: str) -> dict[str, Any]:
    """Return all that the app's owner can read of it, by the resources' names."""
    found: dict[str, Any] = {}
    for path in READS:
        answer = await user.call("GET", f"/apps/{name}{path.format(**ids(found))}")
        found[path.partition("?")[0].strip("/") or "app"] = next(iter(answer.values()))
    return found


def lasting(found: Shown) -> Shown:
    """Leave out what a freeze changes, what is signed anew each time, and what changes by itself."""
    changed = {"status", "frozen", "migration_id", "updated_at"}
    app = {key: value for key, value in found["app"].items() if key not in changed}
    addons = [{**each, "size_bytes": None} for each in found["addons"]]
    containers = [{**each, "state": None} for each in found["ps"]]  # starting, and soon running
    return {**found, "app": app, "addons": addons, "ps": containers, "logs": None}


def ids(found: Shown) -> dict[str, str]:
    """Return an id of each kind of thing the app has, under the names that paths use."""
    lists = {kind: things for kind, things in found.items() if isinstance(things, list) and things}
    some = {kind.removesuffix("s"): things[0]["id"] for kind, things in lists.items() if "id" in things[0]}
    databases = [each for each in found.get("addons", ()) if each["addon_provider"]["id"] == "postgresql"]
    return some | ({"addon": databases[0]["id"]} if databases else {})


async def attempt(user: Owner, known: Shown, change: Change) -> Attempt:
    """Try to change the app."""
    method, path, body = change
    url = f"/v1/apps/{known['app']['name']}{path.format(**ids(known))}"
    answer = await user.http.request(method, url, json=body)
    told = answer.json() if answer.content else {}
    return Attempt(f"{method} {path}", answer.status_code, told.get("code", ""), told.get("error", ""))
