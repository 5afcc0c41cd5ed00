"""What the tool says around a step: before it stops an app, and about what to do next."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.cli.notes import before_finalize, notes
from services.cli.wire import Migration, Snapshot

STOP = "Stop your old app"

OPERATIONS: Mapping[str, Sequence[str]] = {
    "data": (STOP, "Create addons on the '{region}' region", "Import addons data"),
    "finalize": (
        STOP,
        "Start the new app",
        "Redirect the traffic coming to '{app}' on the old region to '{new_app}' on '{region}'",
    ),
}

# By the status a migration has come to rest in.
CLOSING: Mapping[str, str] = {
    "created": """
Its checks were never run. Abort this migration, then create another:
{abort}
""",
    "preflight-success": """
Your app can be migrated to the {region} zone.
To start the migration launch:

{prepare}
""",
    "preflight-error": """
Your app cannot be migrated to the {region} zone yet; nothing was changed.
Correct what the failed checks (✘) say, then check again with:
{create}
""",
    "prepared": """
Application on region '{region}' has been prepared, you can now:
- Let us migrate your data to '{region}' newly created databases with:
{data}
- Handle data migration manually, then finalizing the migration with:
{finalize}
""",
    "data-migrated": """
Data has been migrated to the '{region}' region
You can finalize the migration with:
{finalize}
""",
    "done": """
Your application is in the '{region}' region now. That region does not tell its address at the moment.
""",
    "error": """
The {failed} step failed. When the cause is removed, run it again with:
{again}
Or undo the migration with:
{abort}
""",
    "aborted": """
The migration '{id}' has been aborted
You can retry it with:
{create}
""",
}

PLANNED = """
What it is going to copy, to leave behind and to change:
{plan}
"""

WATCHING = """
The migration goes on without this command. Follow it with:
{follow}
"""


APPROVAL = """
The {step} step waits for a second person: not you, but they let it go on with:
{approve}
"""


@dataclass(frozen=True)
class Commands:
    """Calls of this tool about a migration, ready to be copied."""

    prefix: Sequence[str]  # how the tool was called: storky --region R --app A

    def about(self, migration: Migration) -> dict[str, str]:
        """Return each call under the name that the texts use."""
        steps = ("prepare", "data", "finalize")
        return {step: self.call("migration-run", f"--{step}", migration.id) for step in steps} | {
            "abort": self.call("migration-abort", migration.id),
            "create": self.call("migration-create", "--to", migration.destination, *_new_name(migration)),
        }

    def call(self, *arguments: str) -> str:
        """Return one call."""
        return shlex.join([*self.prefix, *arguments])


def operations(step: str, snapshot: Snapshot) -> str:
    """Return what the step is going to do, or "" for a step that stops nothing."""
    stopped = any(task.name == "stop-source" and task.state == "done" for task in snapshot.tasks)
    names = _names(snapshot.migration)
    todo = [text.format_map(names) for text in OPERATIONS.get(step, ()) if not (stopped and text == STOP)]
    if not todo:
        return ""
    lines = ["The following operations will be achieved:", *(f" - {text}" for text in todo)]
    if step == "finalize" and (warning := before_finalize(snapshot)):
        lines.append(warning)
    return "\n".join(lines)


def closing(snapshot: Snapshot, commands: Commands) -> str:
    """Return what has been reached, and what to type next."""
    migration = snapshot.migration
    calls = commands.about(migration)
    failed = next((task.step for task in reversed(snapshot.tasks) if task.state == "error"), "")
    words = _names(migration) | calls | {"failed": failed, "again": calls.get(failed, calls["abort"])}
    return "\n".join([*notes(snapshot), CLOSING.get(migration.status, "").rstrip().format_map(words)])


def planned(migration: Migration, commands: Commands) -> str:
    """Return how to see the plan of a migration."""
    call = commands.call("migration-plan", "--to", migration.destination, *_new_name(migration))
    return PLANNED.rstrip().format(plan=call)


def watching(migration_id: str, commands: Commands) -> str:
    """Return what to know when we stop watching before the end."""
    return WATCHING.rstrip().format(follow=commands.call("migration-follow", migration_id))


def approval(step: str, migration_id: str, commands: Commands) -> str:
    """Return what to do while a step waits for a second person."""
    return APPROVAL.rstrip().format(step=step, approve=commands.call("migration-approve", migration_id))


def _names(migration: Migration) -> dict[str, str]:
    return {
        "id": migration.id,
        "app": migration.src_app_name,
        "new_app": migration.dst_app_name,
        "region": migration.destination,
    }


def _new_name(migration: Migration) -> Sequence[str]:
    return () if migration.dst_app_name == migration.src_app_name else ("--new-name", migration.dst_app_name)
