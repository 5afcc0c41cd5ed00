"""The plan of a migration, for people: what is copied, what is not, what changes, how long the app stops."""

from collections.abc import Sequence

from pydantic import BaseModel
from rich.filesize import decimal

from services.common.formats import span

MOST_NAMES = 8  # of one kind in a line


class End(BaseModel):
    """An app in a region."""

    region: str
    app: str


class Copied(BaseModel):
    """Things of one kind that are copied."""

    kind: str
    count: int
    names: list[str]


class NotMoved(BaseModel):
    """Things of one kind that stay behind; nobody knows how many where `count` is None."""

    kind: str
    count: int | None
    why: str
    names: list[str]


class Change(BaseModel):
    """Something that has another identity afterwards."""

    what: str
    old: str | None
    new: str | None
    advice: str


class Database(BaseModel):
    """An addon whose data is moved."""

    addon: str
    provider: str
    plan: str
    version: str
    size_bytes: int | None
    seconds: int


class Plan(BaseModel):
    """What a migration would do, as the gateway tells it."""

    source: End
    destination: End
    copied: list[Copied]
    not_moved: list[NotMoved]
    changes: list[Change]
    mentions: list[str]
    databases: list[Database]
    stop_seconds: int
    measured_from: int
    assumed: list[str]

    def text(self) -> str:
        """Return the whole plan as a person reads it."""
        there = f"'{self.destination.app}' in {self.destination.region}"
        sections = (
            (f"What a migration of '{self.source.app}' copies to {there}:", self._copied()),
            ("What is not moved:", [_not_moved(each) for each in self.not_moved]),
            ("What changes:", [_change(each) for each in self.changes]),
            ("Variables whose values mention the old app, its databases or its region:", self.mentions),
            ("Databases, moved side by side while the app is stopped:", list(map(_database, self.databases))),
            ("Assumed, as it was not measured:", self.assumed if self.stop_seconds else []),
        )
        blocks = ["\n".join([title, *(f" - {line}" for line in lines)]) for title, lines in sections if lines]
        return "\n\n".join([*blocks, self._stop()])

    def _copied(self) -> list[str]:
        return [f"{each.kind}: {each.count}{_list(each.names)}" for each in self.copied if each.count]

    def _stop(self) -> str:
        if not self.stop_seconds:
            return "The app does not run: it is not stopped."
        basis = (
            f"measured on {self.measured_from} earlier tasks"
            if self.measured_from
            else "nothing measured yet"
        )
        return (
            f"The app will be stopped for about {span(self.stop_seconds)} ({basis}),\n"
            "if you finalize as soon as the data has been moved."
        )


def _not_moved(each: NotMoved) -> str:
    count = "" if each.count is None else f" ({each.count})"
    return f"{each.kind}{count}{_list(each.names)}: {each.why}"


def _change(each: Change) -> str:
    new = f" -> {each.new}" if each.new else ""
    known = f": {each.old}{new}" if each.old else ""
    return f"{each.what}{known}. {each.advice}"


def _database(each: Database) -> str:
    held = "size unknown" if each.size_bytes is None else decimal(each.size_bytes)
    return f"{each.provider} {each.version} ({each.plan}) {each.addon}: {held}, about {span(each.seconds)}"


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f" ({', '.join(names[:MOST_NAMES])}{more})" if names else ""
