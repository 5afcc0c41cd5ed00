"""Events as they enter the log, and as they are read from it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.dataclasses import dataclass as validated

from events.catalogue import decode_fact, schema_version
from events.facts import Fact
from events.store.chain import Row

# What the database would refuse is refused here, where it harms one caller and not a whole group.
Text = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\x00]*$")]
StreamName = Annotated[Text, StringConstraints(max_length=500)]
Version = Annotated[int, Field(ge=0, lt=2**31)]


class Metadata(BaseModel):
    """Who caused an event, and in which connection: opaque ids only, never a name or an address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    actor: Text
    on_behalf_of: Text | None = None
    correlation_id: UUID
    causation_id: UUID
    traceparent: Text | None = None


@validated(frozen=True, slots=True)
class NewEvent:
    """An event to be written; `data` is JSON and is stored exactly as it is given."""

    id: UUID
    type: Text
    schema_version: Version
    data: Text
    metadata: Metadata

    @classmethod
    def of(cls, fact: Fact, id: UUID, metadata: Metadata) -> Self:  # noqa: A002 - the log's word
        """Return the fact as an event, in the schema version of this release."""
        name = type(fact).__name__
        return cls(id, name, schema_version(name), fact.model_dump_json(), metadata)


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event as it stands in the log."""

    position: int
    stream: str
    version: int
    id: UUID
    type: str
    schema_version: int
    data: str
    metadata: Metadata
    recorded_at: datetime
    hash: bytes

    @classmethod
    def of(cls, row: Row) -> Self:
        """Return the stored row with its metadata read."""
        return cls(**{**row._asdict(), "metadata": Metadata.model_validate_json(row.metadata)})

    def decode(self) -> Fact:
        """Return what happened, as this release understands it; raises as catalogue.decode_fact does."""
        return decode_fact(self.type, self.schema_version, json.loads(self.data))
