"""What a person has to know beside how a step ended, from what its tasks have told."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

Result = Callable[[str], Mapping[str, Any]]  # what the task of a name has told, or nothing
Addons = Sequence[Mapping[str, Any]]


def notes(status: str, region: str, result: Result) -> list[str]:
    """Return what to look after at this status; `region` is the destination."""
    match status:
        case "prepared":
            return [*_speaking_of_source(result), *_pending(region, result)]
        case "done":
            return list(_missing(result))
        case _:
            return []


def before_finalize(result: Result, made: Collection[str | None]) -> str:
    """Return which of the old app's addons the new one may lack; `made` has the ids of those that it has."""
    if result("compare-addons"):
        return "\n".join(_missing(result))
    had = result("freeze-source").get("inventory", {}).get("addons", ())
    lacking = [addon for addon in had if addon["id"] not in made]
    if not lacking:
        return ""
    return (
        f"The migration has not created these addons of the old app; you should have: {_list(lacking)}\n"
        "Their data and log drains have not been copied."
    )


def _speaking_of_source(result: Result) -> Iterator[str]:
    if named := result("copy-variables").get("mention_source"):
        yield (
            "These variables of the new app still speak of the old one or its databases: "
            f"{', '.join(named)}\nChange them there before you finalize the migration."
        )


def _pending(region: str, result: Result) -> Iterator[str]:
    if count := result("copy-collaborators").get("pending"):
        who = "1 collaborator has" if count == 1 else f"{count} collaborators have"
        yield (
            f"{who} not accepted the invitation yet, and could not be imported.\n"
            f"Invite them again in '{region}' when the migration is done."
        )


def _missing(result: Result) -> Iterator[str]:
    if missing := result("compare-addons").get("missing"):
        yield f"Warning: the old app has addons that the new one lacks: {_list(missing)}"


def _list(addons: Addons) -> str:
    return ", ".join(f"{addon['provider']} ({addon['plan']})" for addon in addons)
