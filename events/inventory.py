"""What there was on the source at the moment it was frozen: names, ids, counts and digests, never a value."""

from typing import Literal

from pydantic import Field

from events.vocabulary import Message


class Container(Message):
    """One process type of the formation."""

    name: str = Field(description="The process type: `web`.")
    amount: int = Field(description="How many of them.")
    size: str = Field(description="The container size, by the region's name for it.")


class Build(Message):
    """The build that is running now."""

    deployment_id: str = Field(description="The deployment that made it.")
    digest: str = Field(description="SHA-256 of the archive.")
    size_bytes: int = Field(description="The archive's size.")


class Domain(Message):
    """A custom domain."""

    id: str = Field(description="Its id in its region.")
    name: str = Field(description="Such as `www.example.com`.")


class Addon(Message):
    """An addon."""

    id: str = Field(description="Its id in its region.")
    provider: str = Field(description="What it is: `postgresql`.")
    plan: str = Field(description="How much of it, by the region's name for that.")
    version: str = Field(description="The database's version.")
    has_data: bool = Field(description="There is a database whose rows are to be moved.")
    variables: tuple[str, ...] = Field(default=(), description="Names of the variables it provides.")


class Inventory(Message):
    """The source app as it was when frozen. Later tasks and the abort use this, never a second look."""

    app_id: str = Field(description="Its id in its region.")
    status: Literal["new", "running", "stopped"] = Field(description="What it was doing.")
    containers: tuple[Container, ...] = Field(default=(), description="The formation.")
    build: Build | None = None
    variables: tuple[str, ...] = Field(default=(), description="Names of its environment variables.")
    domains: tuple[Domain, ...] = Field(default=(), description="Its custom domains.")
    addons: tuple[Addon, ...] = Field(default=(), description="Its addons.")
    collaborators: int = Field(default=0, description="Those who have accepted.")
    pending_collaborators: int = Field(default=0, description="Those who have not answered.")
    scm_link: bool = Field(default=False, description="It is deployed from a repository.")
    notifiers: int = Field(default=0, description="Those who are told what happens to it.")
    alerts: int = Field(default=0, description="Rules about its metrics.")
    log_drains: int = Field(default=0, description="The app's own; those of its addons are not counted.")
    autoscalers: int = Field(default=0, description="What changes its formation by itself.")
