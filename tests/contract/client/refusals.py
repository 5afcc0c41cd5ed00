"""Answers that are no success. The client reads their bodies by their status; others it cannot read."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import ConfigDict, Field

from tests.contract.client.golang import Struct

Text = Annotated[str, Field(min_length=1)]


class Sentence(Struct):
    """For people."""

    error: Text


class Coded(Sentence):
    """For people, and a word for programs."""

    code: Text


class NotFound(Sentence):
    """What was not found."""

    resource: Text


class Invalid(Struct):
    """What is wrong with which field; never anything else."""

    model_config = ConfigDict(extra="forbid")

    errors: Annotated[dict[Text, list[Text]], Field(min_length=1)]


Refusal = Sentence | Invalid

# What cannot be read here (409, 413, 423, ...) is not to be sent to this client.
_BODIES: Mapping[int, type[Refusal]] = {
    400: Coded,
    401: Sentence,
    402: Sentence,
    403: Coded,
    404: NotFound,
    422: Invalid,
    429: Coded,
}


class RefusedError(Exception):
    """The server has refused, in a way that the client can read."""

    def __init__(self, status: int, refusal: Refusal) -> None:
        super().__init__(f"{status} {refusal}")
        self.status = status
        self.refusal = refusal

    @property
    def code(self) -> str:
        return self.refusal.code if isinstance(self.refusal, Coded) else ""

    @property
    def resource(self) -> str:
        return self.refusal.resource if isinstance(self.refusal, NotFound) else ""

    @property
    def fields(self) -> set[str]:
        return set(self.refusal.errors) if isinstance(self.refusal, Invalid) else set()


class UnreadableError(Exception):
    """The client cannot make sense of the answer."""


def refused(status: int, content_type: str, body: bytes) -> Exception:
    """Return what the client makes of an answer that it did not expect."""
    if status not in _BODIES:
        return UnreadableError(f"{status} {body[:500]!r}")
    if content_type.partition(";")[0] != "application/json":
        return UnreadableError(f"{status} of type {content_type!r}")
    return RefusedError(status, _BODIES[status].model_validate_json(body))
