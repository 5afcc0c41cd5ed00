"""What has been done to a log whose chain is broken: told from which rows still fit where."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self

from events.store.chain import link_texts

Fault = Literal["changed", "removed", "inserted", "reordered", "rewritten"]


class Link(NamedTuple):
    """An event of the chain: its hash, and all its columns but that in the form that is hashed."""

    position: int
    hash: bytes
    columns: tuple[str, ...]

    @classmethod
    def of(cls, row: Iterable[Any]) -> Self:
        """Return a row of read_links.sql."""
        position, hash_, *columns = row
        return cls(position, hash_, tuple(columns))

    def follows(self, previous: bytes, position: int | None = None) -> bool:
        """Tell whether it is what was written after that hash, at its own position or at another."""
        _, *others = self.columns
        return link_texts(previous, (str(position or self.position), *others)) == self.hash


@dataclass(frozen=True, slots=True)
class Broken:
    """The first position that is not as it was written, what was done to it, and how that shows."""

    position: int
    fault: Fault
    why: str


class Head(NamedTuple):
    """The last event up to which the chain is sound, and the hash before it."""

    position: int
    hash: bytes
    before: bytes


async def diagnose(head: Head, link: Link, later: AsyncIterator[Link]) -> Broken:
    """Say what is wrong with the link that stands after the head and does not follow it.

    `later` are the links after it, which may have to be read to their end.
    """
    if link.position > head.position + 1:
        return Broken(head.position + 1, "removed", f"it is missing: the next event is at {link.position}")
    if link.position <= head.position:
        return Broken(link.position, "inserted", "another event stands at this position, too")
    if link.follows(head.before, head.position):
        return Broken(head.position, "inserted", f"what was written here stands at {link.position} now")
    return await _displaced(head, link, later)


async def _displaced(head: Head, link: Link, later: AsyncIterator[Link]) -> Broken:
    """Look for what was written in this place, and for the place that the link was written in."""
    following, now_at, belongs = None, None, False
    async for other in later:
        following = following or other
        if now_at is None and other.follows(head.hash, link.position):
            now_at = other.position
        places = (other.position, other.position + 1, link.position + 1)
        belongs = belongs or any(link.follows(other.hash, place) for place in places)
    if now_at is not None:
        why = f"what was written here stands at {now_at} now"
        return Broken(link.position, "reordered" if belongs else "inserted", why)
    if following and following.follows(link.hash, link.position + 2):
        return Broken(link.position, "removed", "it is missing, and those after it were renumbered")
    return Broken(link.position, "changed", "the event, or its hash, is not what was written")
