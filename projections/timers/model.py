"""What the timers read model answers with."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Handover(BaseModel):
    """A hand-over that has not ended, of a migration that is done.

    `told_seconds` is the time before its end of which the last event told; None if there was none yet.
    """

    model_config = ConfigDict(frozen=True)

    migration_id: UUID
    done_at: datetime
    expires_at: datetime
    told_seconds: int | None
