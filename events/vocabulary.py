"""The words every other module uses, each for one thing."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

RegionName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
# What a platform accepts as an app's name. Anything else is refused before it can reach a URL or a stream id.
AppName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,46}[a-z0-9]$")]
AppGlob = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9*?-]{1,48}$")
]  # of AppName, as a shell matches it
PlatformName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,46}[a-z0-9]$")]
# What a topic exchange of RabbitMQ matches with routing keys: words, * for one of them, # for any number.
KeyPattern = Annotated[str, StringConstraints(pattern=r"^[A-Za-z#*-]+(\.[a-z#*-]+){0,3}$", max_length=100)]


class Step(StrEnum):
    """One stage of a migration that a person starts, and can stop at."""

    PREFLIGHT = "preflight"
    PREPARE = "prepare"
    DATA = "data"
    FINALIZE = "finalize"
    ABORT = "abort"


class Service(StrEnum):
    """Who does a task: a worker, which alone may report the tasks that are its own, or people."""

    APPS = "apps"
    ADDONS = "addons"
    ROUTING = "routing"
    PEOPLE = "people"


WORKERS = (
    Service.APPS,
    Service.ADDONS,
    Service.ROUTING,
)  # those that have a process, a queue and a broker user


class Permission(StrEnum):
    """What a platform may do with the migrations of its apps."""

    CREATE = "create"
    RUN = "run"
    ABORT = "abort"
    APPROVE = "approve"


class Message(BaseModel):
    """What is written once and read for ever: frozen, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AppRef(Message):
    """An app in a region, by name."""

    region: RegionName = Field(description="The region's name.")
    app: AppName = Field(description="The app's name there.")

    def __str__(self) -> str:
        return f"{self.region}/{self.app}"


def migration_stream(migration_id: UUID) -> str:
    """Return the stream that holds everything that happened to one migration."""
    return f"migration/{migration_id}"


def app_stream(app: AppRef) -> str:
    """Return the stream on which migrations claim an app's name in a region."""
    return f"app/{app.region}/{app.app}"


def publisher_stream(actor: str) -> str:
    """Return the stream that keeps the refused commands of one publisher."""
    return f"publisher/{actor}"


def platform_stream(name: str) -> str:
    """Return the stream that holds the policy of one internal platform."""
    return f"platform/{name}"


GATEWAY = "storky-gateway"
TIMERS = "storky-timers"
OPERATOR = "storky-operator"
NOBODY = "anonymous"  # the publisher of a message without a user-id


def broker_user(service: Service) -> str:
    """Return the broker's user of a worker: the publisher that its reports must carry."""
    return f"storky-{service}"
