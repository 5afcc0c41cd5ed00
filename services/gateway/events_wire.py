"""An event of the log as it goes over HTTP: to those who follow, the console and the auditors."""

import json
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from events.store import RecordedEvent


class WireEvent(BaseModel):
    """An event exactly as the log has it; `data` is in the schema version that it was written in."""

    position: int = Field(description="The place in the whole log.")
    stream: str
    version: int = Field(description="The place in its stream.")
    type: str
    schema_version: int
    time: datetime
    actor: str
    on_behalf_of: str | None
    correlation_id: UUID
    causation_id: UUID
    hash: str = Field(description="In hexadecimal; it covers this event and the hash before it.")
    data: dict[str, Any]

    @classmethod
    def of(cls, event: RecordedEvent) -> Self:
        """Return the event for the wire."""
        return cls(
            position=event.position,
            stream=event.stream,
            version=event.version,
            type=event.type,
            schema_version=event.schema_version,
            time=event.recorded_at,
            actor=event.metadata.actor,
            on_behalf_of=event.metadata.on_behalf_of,
            correlation_id=event.metadata.correlation_id,
            causation_id=event.metadata.causation_id,
            hash=event.hash.hex(),
            data=json.loads(event.data),
        )
