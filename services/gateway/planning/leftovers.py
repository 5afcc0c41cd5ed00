"""What a migration leaves behind, and why. Pure."""

from collections.abc import Iterator, Sequence

from services.gateway.planning.model import Addon, Destination, End, Source
from services.gateway.planning.wire import NotMoved

ONE_OFF = "one-off"  # how the type of a container begins that a person has started for one command

# What no region tells the number of, or what has none.
ALWAYS = (
    (
        "scheduled tasks under way",
        "cron.json moves with the build; what runs, or is due, meanwhile does not.",
    ),
    ("logs", "They stay in the old region: download those you need. New lines go to the new one."),
    ("metrics", "They stay in the old region, and begin anew."),
    ("timeline", "What happened to the app so far stays in the old region."),
    ("review apps", "They are apps of their own, and new pull requests make them where the SCM link is."),
    ("settings of databases", "Schedules of backups, maintenance windows and further users are set anew."),
    ("files in containers", "Containers are started from the build: what an app writes beside it is lost."),
)


def of(source: Source, destination: Destination, new: End) -> Iterator[NotMoved]:
    """Yield what stays; what there is none of is left out."""
    yield from (entry for entry in _counted(source, new) if entry.count != 0)
    for addon in source.addons:
        if lack := destination.lacks(addon):
            yield _unavailable(addon, lack, new)
    yield from (NotMoved(kind=kind, count=None, why=why) for kind, why in ALWAYS)


def _counted(source: Source, new: End) -> Iterator[NotMoved]:
    pending = sorted(each.email for each in source.collaborators if each.status == "pending")
    yield NotMoved(
        kind="pending collaborators",
        count=len(pending),
        why=f"They have not accepted: invite them again in {new.ref.region}.",
        names=pending,
    )
    gone = len(source.collaborators) - source.accepted - len(pending)
    yield NotMoved(kind="former collaborators", count=gone, why="Their user accounts were deleted.")
    one_off = sum(each.type.startswith(ONE_OFF) for each in source.running)
    yield NotMoved(kind="one-off containers", count=one_off, why="They end when the app is stopped.")
    yield NotMoved(kind="backups", count=_backups(source.addons), why="They stay with the old addons.")
    if source.deployments:
        earlier = max(source.deployments.pagination.total_count - 1, 0)
        yield NotMoved(
            kind="earlier deployments",
            count=earlier,
            why="Only the build that runs moves: there is nothing older to roll back to at first.",
        )
    yield NotMoved(
        kind="variables of addons",
        count=len(source.provided),
        why="The new addons provide their own, with new values.",
        names=sorted(source.provided),
    )


def _backups(addons: Sequence[Addon]) -> int | None:
    counts = [addon.backups for addon in addons]
    return None if None in counts else sum(count or 0 for count in counts)


def _unavailable(addon: Addon, lack: str, new: End) -> NotMoved:
    return NotMoved(
        kind="addon",
        count=1,
        why=f"{new.ref.region} {lack}. The checks refuse a migration until the addon is changed or removed.",
        names=[addon.title],
    )
