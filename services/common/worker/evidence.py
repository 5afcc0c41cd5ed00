"""Evidence that what was copied is the same on both sides: digests, for the migration's report."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from events.failures import Reason
from services.common.worker.task import Task, TaskFailedError

# With names as long as an inventory may hold in all, so many digests still fit into a message.
MOST_ITEMS = 1000
MOST_REASONS = 10

Fields = Mapping[str, Any]
Items = list[dict[str, str]]


class HasId(Protocol):
    """What its region knows by an id."""

    @property
    def id(self) -> str:
        """The id, which is neither secret nor personal."""
        ...


T = TypeVar("T", bound=HasId)


def compared(
    task: Task,
    kind: str,
    source: Mapping[str, Fields],
    destination: Mapping[str, Fields],
    most: int = MOST_ITEMS,
) -> Items:
    """Return both sides' digests of each item of the source; raises TaskFailedError for those that differ.

    Items are named by what is neither secret nor personal. What comes after the first `most` is summed up.
    """
    items = [_item(task, kind, name, fields, destination.get(name)) for name, fields in source.items()]
    differing = [item["item"] for item in items if item["source"] != item["destination"]]
    TaskFailedError.unless_empty(
        Reason(code="copy_differs", params={"kind": kind, "item": name, "region": task.destination.name})
        for name in differing[:MOST_REASONS]
    )
    return [*items[:most], *_rest(task, kind, items[most:])]


def matched(
    task: Task,
    kind: str,
    source: Sequence[T],
    destination: Sequence[T],
    *,
    key: Callable[[T], Hashable],
    fields: Callable[[T], Fields],
) -> Items:
    """Compare what has an id of its own in each region, by what is the same; named by the source's id."""
    made = {key(each): fields(each) for each in destination}
    return compared(
        task,
        kind,
        {each.id: fields(each) for each in source},
        {each.id: made[key(each)] for each in source if key(each) in made},
    )


def _item(task: Task, kind: str, name: str, source: Fields, destination: Fields | None) -> dict[str, str]:
    digests = task.digests
    return {
        "item": name,
        "source": digests.of(kind, name, source),
        "destination": digests.of(kind, name, destination),
    }


def _rest(task: Task, kind: str, items: Items) -> Iterable[dict[str, str]]:
    if items:
        name = f"{len(items)} more"
        sides = ({item["item"]: item[side] for item in items} for side in ("source", "destination"))
        yield _item(task, kind, name, *sides)
