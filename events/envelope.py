"""The envelope of every message on the bus: CloudEvents 1.0 JSON in structured mode.

Extension attributes follow the specification's naming rule (lower-case letters and digits only).
"""

from datetime import UTC, datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from events.catalogue import schema_version
from events.vocabulary import Message

CONTENT_TYPE = "application/cloudevents+json"
TYPE_PREFIX = "storky."
NUL = rb"\u0000"  # as JSON writes it, and can only write it
LONGEST_NAME = 500  # characters: whatever a publisher says here may be kept for ever, also in a refusal
MOST_PROBLEMS = 10  # that are told of one message
LONGEST_PLACE = 100  # characters: of the names of fields, too, some are the publisher's
LARGEST_BODY = 256 * 1024  # bytes; a message of storky is names, ids and counts


class MalformedError(Exception):
    """The body is not an envelope. The text says which field is wrong and quotes none of the content."""


class Envelope(BaseModel):
    """A message with its context."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = Field(default="1.0", description="The version of CloudEvents.")
    id: UUID = Field(description="The message's own id: whoever gets it twice takes it once.")
    source: str = Field(min_length=1, max_length=LONGEST_NAME, description="Who says it.")
    type: str = Field(min_length=1, max_length=LONGEST_NAME, description="`storky.` and the message's name.")
    time: datetime = Field(description="When it was said; of an event, when it was recorded.")
    subject: str | None = Field(
        default=None, max_length=LONGEST_NAME, description="In events: the stream, such as `migration/<id>`."
    )
    datacontenttype: Literal["application/json"] = Field(
        default="application/json", description="What `data` is."
    )
    schemaversion: int = Field(default=1, description="The version of the message's schema.")
    correlationid: UUID | None = Field(
        default=None,
        description="What belongs together; the migration's id, unless a command says otherwise.",
    )
    causationid: UUID | None = Field(default=None, description="The id of the message that led to this one.")
    traceparent: str | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_NAME,
        description="W3C trace context. What a command carries is in every message and call it leads to.",
    )
    actor: str | None = Field(default=None, description="In events: who caused it.")
    onbehalfof: str | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_NAME,
        description="The end user, named by the gateway alone.",
    )
    position: int | None = Field(default=None, description="In events: the place in the log.")
    streamversion: int | None = Field(default=None, description="In events: the place in the stream.")
    replayed: bool | None = Field(default=None, description="In events: true if sent again on demand.")
    data: dict[str, Any] = Field(description="The message itself.")

    @property
    def name(self) -> str:
        """The message's name without the prefix, as the catalogue knows it."""
        return self.type.removeprefix(TYPE_PREFIX)

    @classmethod
    def wrap(cls, message: Message, *, id: UUID, source: str, **context: Any) -> Self:  # noqa: A002 - CloudEvents' word
        """Put a message into its envelope, now."""
        return cls(
            id=id,
            source=source,
            type=TYPE_PREFIX + type(message).__name__,
            schemaversion=schema_version(type(message).__name__),
            time=context.pop("time", None) or datetime.now(UTC),
            data=message.model_dump(mode="json"),
            **context,
        )

    def to_bytes(self) -> bytes:
        """Return the body as it goes over the wire."""
        return self.model_dump_json(exclude_none=True).encode()

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read a body from the wire; raises MalformedError."""
        if len(body) > LARGEST_BODY:
            raise MalformedError(f"the message has {len(body)} bytes; at most {LARGEST_BODY} are accepted")
        if NUL in body:
            raise MalformedError("the message holds a NUL character, which PostgreSQL cannot store")
        try:
            return cls.model_validate_json(body)
        except ValidationError as error:
            raise MalformedError(describe(error)) from None


def describe(error: ValidationError) -> str:
    """Say which fields are wrong and why, without the values: they may be secrets.

    Of many problems these are the first: a refusal is kept for ever.
    """
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    told = "; ".join(f"{_place(problem)}: {_why(problem)}" for problem in problems[:MOST_PROBLEMS])
    more = len(problems) - MOST_PROBLEMS
    return told if more <= 0 else f"{told}; and {more} more"


def _place(problem: ErrorDetails) -> str:
    place = ".".join(map(str, problem["loc"])) or "body"
    return place if len(place) <= LONGEST_PLACE else f"{place[:LONGEST_PLACE]}..."


def _why(problem: ErrorDetails) -> str:
    # This message alone quotes from the value: the character that it stumbled over.
    return "Input should be a valid UUID" if problem["type"] == "uuid_parsing" else problem["msg"]
