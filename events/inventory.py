"""What there was on the source at the moment it was frozen: names, ids, counts and digests, never a value."""

from typing import Literal

from pydantic import Field

from events.vocabulary import Message


class Container(Message):
    """One process type of the formation."""

    name: str
    amount: int
    size: str


class Build(Message):
    """The build that is running now."""

    deployment_id: str
    digest: str
    size_bytes: int


class Domain(Message):
    """A custom domain."""

    id: str
    name: str


class Addon(Message):
    """An addon, and the names of the variables it provides."""

    id: str
    provider: str
    plan: str
    version: str
    has_data: bool
    variables: tuple[str, ...] = ()


class Inventory(Message):
    """The source app as it was when frozen. Later tasks and the abort use this, never a second look."""

    app_id: str
    status: Literal["new", "running", "stopped"]
    containers: tuple[Container, ...] = ()
    build: Build | None = None
    variables: tuple[str, ...] = ()
    domains: tuple[Domain, ...] = ()
    addons: tuple[Addon, ...] = ()
    collaborators: int = Field(default=0, description="Those who have accepted.")
    pending_collaborators: int = 0
    scm_link: bool = False
    notifiers: int = 0
    alerts: int = 0
    log_drains: int = Field(default=0, description="The app's own; those of its addons are not counted.")
    autoscalers: int = 0
