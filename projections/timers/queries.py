"""Questions to the timers read model."""

from collections.abc import AsyncGenerator
from datetime import datetime

import asyncpg

from projections.timers.model import Handover
from projections.timers.statements import statement


async def handovers(
    connection: asyncpg.Connection, ending_before: datetime
) -> AsyncGenerator[Handover, None]:
    """Yield the open hand-overs that end until then, the next to end first, a few in memory at a time."""
    async with connection.transaction(readonly=True):
        async for row in connection.cursor(statement("select_open_handovers"), ending_before):
            yield Handover.model_validate(dict(row))
