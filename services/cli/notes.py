"""What a person has to know beside how a step ended, from what its tasks have told."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.cli.wire import Snapshot

Addons = Sequence[Mapping[str, Any]]


def notes(snapshot: Snapshot) -> list[str]:
    """Return what to look after now, each with an empty line before it."""
    match snapshot.migration.status:
        case "prepared":
            found = [*_speaking_of_source(snapshot), *_pending(snapshot)]
        case "done":
            found = list(_missing(snapshot))
        case _:
            found = []
    return [f"\n{note}" for note in found]


def before_finalize(snapshot: Snapshot) -> str:
    """Return which of the old app's addons the new one may lack, as far as that is known by now."""
    if snapshot.result("compare-addons"):
        return "\n".join(_missing(snapshot))
    made = {task.item for task in snapshot.tasks if task.name == "provision-addon" and task.state == "done"}
    had = snapshot.result("freeze-source").get("inventory", {}).get("addons", ())
    lacking = [addon for addon in had if addon["id"] not in made]
    if not lacking:
        return ""
    return (
        f"The migration has not created these addons of the old app; you should have: {_list(lacking)}\n"
        "Their data and log drains have not been copied."
    )


def _speaking_of_source(snapshot: Snapshot) -> Iterator[str]:
    if named := snapshot.result("copy-variables").get("mention_source"):
        yield (
            "These variables of the new app still speak of the old one or its databases: "
            f"{', '.join(named)}\nChange them there before you finalize the migration."
        )


def _pending(snapshot: Snapshot) -> Iterator[str]:
    if count := snapshot.result("copy-collaborators").get("pending"):
        who = "1 collaborator has" if count == 1 else f"{count} collaborators have"
        yield (
            f"{who} not accepted the invitation yet, and could not be imported.\n"
            f"Invite them again in '{snapshot.migration.destination}' when the migration is done."
        )


def _missing(snapshot: Snapshot) -> Iterator[str]:
    if missing := snapshot.result("compare-addons").get("missing"):
        yield f"Warning: the old app has addons that the new one lacks: {_list(missing)}"


def _list(addons: Addons) -> str:
    return ", ".join(f"{addon['provider']} ({addon['plan']})" for addon in addons)
