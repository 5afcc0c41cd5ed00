"""Webhooks: the gateway's calls about them, and how each does."""

from datetime import datetime
from typing import Any, Self
from urllib.parse import quote, urlencode
from uuid import UUID

from pydantic import BaseModel

from services.cli import connection
from services.cli.client import Gateway
from services.cli.options import Options
from services.common.formats import moment

PATH = "/v1/storky/webhooks"


class Webhook(BaseModel):
    """A webhook, and how it does."""

    name: str
    host: str
    subscriptions: list[str]
    created_at: datetime
    paused_at: datetime | None
    delivered_at: datetime | None
    waiting: int
    parked: int
    problem: str | None

    @property
    def state(self) -> str:
        """How it does, in a few words."""
        if self.paused_at:
            return f"paused {moment(self.paused_at)}: it has answered 410"
        if self.problem:
            return f"failing: {self.problem}"
        return f"delivered {moment(self.delivered_at)}" if self.delivered_at else "nothing delivered yet"


class AddedWebhook(Webhook):
    """A webhook with its secret, if that was made now."""

    secret: str | None


class Trial(BaseModel):
    """What came of a test."""

    id: UUID
    problem: str | None


class Parked(BaseModel):
    """A delivery that is tried no more."""

    id: UUID
    position: int
    type: str
    attempts: int
    problem: str | None
    parked_at: datetime


class Webhooks(Gateway):
    """The gateway, asked about webhooks; in a folder of `storky up` by its operator."""

    @classmethod
    def of(cls, options: Options) -> Self:
        """Return the gateway that the options name."""
        found = connection.find(options.directory, options.url, options.api_token, user="operator")
        return cls(found, region="", app="")

    def add(self, wanted: dict[str, Any]) -> AddedWebhook:
        """Have a webhook added, or changed."""
        return AddedWebhook.model_validate(self._post(PATH, {"webhook": wanted}).json()["webhook"])

    def every(self) -> list[Webhook]:
        """Return all webhooks."""
        return [Webhook.model_validate(each) for each in self._get(PATH)["webhooks"]]

    def remove(self, name: str) -> None:
        """Have a webhook removed."""
        self._post(f"{_path(name)}/remove", {})

    def test(self, name: str) -> Trial:
        """Have a test sent."""
        return Trial.model_validate(self._post(f"{_path(name)}/test", {}).json()["test"])

    def parked(self, name: str, page: int) -> tuple[list[Parked], int]:
        """Return a page of what is tried no more, and how many pages there are."""
        answer = self._get(f"{_path(name)}/parked?{urlencode({'page': page})}")
        found = [Parked.model_validate(each) for each in answer["deliveries"]]
        return found, answer["meta"]["pagination"]["total_pages"]

    def resend(self, name: str, delivery_id: UUID | None) -> int:
        """Have parked deliveries tried again; return how many."""
        wanted = {"id": str(delivery_id) if delivery_id else None}
        return int(self._post(f"{_path(name)}/resend", wanted).json()["resent"])


def _path(name: str) -> str:
    return f"{PATH}/{quote(name, safe='')}"
