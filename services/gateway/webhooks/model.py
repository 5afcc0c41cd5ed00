"""Webhooks in the API's words. A URL is never told again, for it may hold a secret; its host is."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, SecretStr, StrictBool, StringConstraints

from events.bus.keys import event_keys, matches
from events.vocabulary import KeyPattern
from services.common.webhooks import LONGEST_URL
from services.gateway.pages import Meta

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,46}[a-z0-9]$")]


def _of_some_event(pattern: str) -> str:
    if not any(matches(pattern, key) for key in event_keys()):
        raise ValueError(f"no event has a routing key that {pattern!r} matches")
    return pattern


class NewWebhook(BaseModel):
    """Who is to be told of what. One that there is already keeps its secret, unless a new one is wanted."""

    name: Name
    url: SecretStr = Field(json_schema_extra={"pattern": "^https?://[!-~]+$", "maxLength": LONGEST_URL})
    subscriptions: list[Annotated[KeyPattern, AfterValidator(_of_some_event)]] = Field(
        min_length=1, max_length=100, description="Routing keys of events, as for platforms."
    )
    new_secret: StrictBool = False


class NewWebhookBody(BaseModel):
    """Wrapped, as the contract's bodies are."""

    webhook: NewWebhook


class Webhook(BaseModel):
    """A webhook, and how it does."""

    name: str
    host: str
    subscriptions: list[str]
    created_at: datetime
    paused_at: datetime | None = Field(description="When it has answered 410; nothing is sent since.")
    delivered_at: datetime | None = Field(description="The last success.")
    waiting: int = Field(description="Deliveries that are tried.")
    parked: int = Field(description="Deliveries that are tried no more.")
    problem: str | None = Field(description="Why one that waits has failed.")


class AddedWebhook(Webhook):
    """A webhook with its secret, which is shown this once, when it was made."""

    secret: str | None


class AddedWebhookBody(BaseModel):
    """Wrapped, as the contract's bodies are."""

    webhook: AddedWebhook


class WebhooksBody(BaseModel):
    """Wrapped, as the contract's bodies are."""

    webhooks: list[Webhook]


class WebhookBody(BaseModel):
    """Wrapped, as the contract's bodies are."""

    webhook: Webhook


class Trial(BaseModel):
    """What came of a test; the problem is None if it was delivered."""

    id: UUID
    problem: str | None


class TrialBody(BaseModel):
    """Wrapped, as the contract's bodies are."""

    test: Trial


class ParkedDelivery(BaseModel):
    """A delivery that is tried no more; the id is the event's."""

    id: UUID
    position: int
    type: str
    attempts: int
    problem: str | None
    parked_at: datetime


class ParkedBody(BaseModel):
    """A page of them, in the order of the log."""

    deliveries: list[ParkedDelivery]
    meta: Meta


class WantedAgain(BaseModel):
    """Which parked delivery to send again; without an id all of the webhook's."""

    id: UUID | None = None


class ResentBody(BaseModel):
    """How many deliveries are tried again."""

    resent: int
