"""What becomes of a command, as its publisher is told."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    def to_bytes(self) -> bytes:
        """Return the body as it goes over the wire."""
        return self.model_dump_json(exclude_none=True).encode()


class Accepted(_Told):
    """The command was decided and its events are recorded; what follows is told by events."""

    outcome: Literal["accepted"] = Field(description="It was accepted.")
    stream: str = Field(description="Where the events are, such as `migration/<id>`.")
    version: int = Field(description="The stream's version after them.")
    position: int = Field(description="The place in the log of the last of them.")


class Rejected(_Told):
    """The command was refused, and changed nothing."""

    outcome: Literal["rejected"] = Field(description="It was refused.")
    code: str = Field(description="Why, as a word for programs.")
    reason: str = Field(description="Why, as a sentence for people.")
    position: int | None = Field(
        default=None,
        description="The place in the log of the refusal; none for `malformed`, which is parked instead.",
    )


Reply = Annotated[Accepted | Rejected, Field(discriminator="outcome")]

_REPLY: TypeAdapter[Accepted | Rejected] = TypeAdapter(Reply)


def read_reply(body: bytes) -> Accepted | Rejected:
    """Read a reply from the wire; raises pydantic's ValidationError."""
    return _REPLY.validate_json(body)
