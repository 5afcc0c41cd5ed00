"""A plan as it goes over the wire."""

from pydantic import BaseModel

from events.vocabulary import AppRef


class Copied(BaseModel):
    """Something that is copied, how many of it, and which where that helps."""

    kind: str
    count: int
    names: list[str] = []


class NotMoved(BaseModel):
    """Something that stays behind, and why; `count` is null for what cannot be counted from outside."""

    kind: str
    count: int | None
    why: str
    names: list[str] = []


class Change(BaseModel):
    """Something whose identity changes; null stands for what is not known before it is made."""

    what: str
    old: str | None = None
    new: str | None = None
    advice: str


class Database(BaseModel):
    """An addon with data, and how long moving it takes; sizes are null where the region tells none."""

    addon: str
    provider: str
    plan: str
    version: str
    size_bytes: int | None
    seconds: int


class MigrationPlan(BaseModel):
    """What a migration would copy, leave behind and change, and for how long the app will be stopped.

    `mentions` names the variables whose values speak of the source. `measured_from` counts the earlier tasks
    that `stop_seconds` was computed from; `assumed` says what was taken for granted beside them.
    """

    source: AppRef
    destination: AppRef
    copied: list[Copied]
    not_moved: list[NotMoved]
    changes: list[Change]
    mentions: list[str]
    databases: list[Database]
    stop_seconds: int
    measured_from: int
    assumed: list[str]
