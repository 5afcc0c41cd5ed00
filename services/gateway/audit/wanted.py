"""What an auditor may ask for, and what is wrong with a question that has no answer."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from events.catalogue import FACTS
from events.store.search import Order, Query
from events.vocabulary import AppName, RegionName
from services.common.times import Time
from services.gateway.errors import invalid

CLOCKS_DIFFER = timedelta(seconds=5)  # a moment of a client's own clock is not refused for that
LARGEST_PAGE = 100  # events

Words = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class Page(BaseModel):
    """Which part of the events, in which order."""

    model_config = ConfigDict(extra="forbid")  # a filter with a misspelt name would find too much

    order: Order = Field(default="newest", description="By position.")
    page: int = Field(default=1, ge=1, le=10**9)
    per_page: int = Field(default=50, ge=1, le=LARGEST_PAGE)


class Wanted(Page):
    """Which events; a parameter that is missing stands for everything."""

    app: AppName | None = Field(default=None, description="The app's name at either end of a migration.")
    region: RegionName | None = Field(default=None, description="Either end of a migration.")
    actor: Words | None = Field(default=None, description="A publisher's name, or an end user's id.")
    type: Words | None = Field(
        default=None, description="The event's type.", json_schema_extra={"enum": [*sorted(FACTS)]}
    )
    migration: UUID | None = Field(default=None, description="All that concerns this migration.")
    since: Time | None = Field(default=None, description="At this time or later.")
    until: Time | None = Field(default=None, description="Before this time.")
    text: Words | None = Field(default=None, description="Part of the event's data; case does not matter.")

    def query(self) -> Query:
        """Return the question to the log; raises ApiError (422) for one that can have no answer."""
        if self.type is not None and self.type not in FACTS:
            raise invalid("type", f"There is no event of this type; there are {', '.join(sorted(FACTS))}.")
        if self.since is not None:
            not_in_future("since", self.since)
        if self.since and self.until and self.until <= self.since:
            raise invalid("until", "It must be later than since.")
        return Query(**self.model_dump(exclude={"page", "per_page"}))


def not_in_future(field: str, time: datetime) -> None:
    """Raise ApiError (422) for a time that has not come yet."""
    if time > datetime.now(UTC) + CLOCKS_DIFFER:
        raise invalid(field, "It is in the future: nothing is known of it.")


def not_before(field: str, time: datetime, begin: datetime) -> None:
    """Raise ApiError (422) for a time before there was anything to know."""
    if time < begin:
        raise invalid(field, f"It is before the first event, which was at {begin.isoformat()}.")
