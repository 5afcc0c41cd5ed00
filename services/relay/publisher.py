"""From recorded events to messages on the events exchange."""

from collections.abc import Sequence

import anyio
import asyncpg

from events import facts
from events.bus import Bus, Outgoing
from events.bus.topology import EVENTS
from events.publication import envelope, routing_key
from events.store import RecordedEvent
from events.vocabulary import WORKERS

IN_FLIGHT = 100  # confirms that are waited for at the same time


class Relay:
    """A subscriber whose effect is on the bus.

    The checkpoint moves when the broker has confirmed every message. So a message may be published twice (a
    crash between confirm and checkpoint) and is never lost; receivers know an event by its id.
    """

    name = "relay"

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._limit = anyio.CapacityLimiter(IN_FLIGHT)

    async def handle(self, connection: asyncpg.Connection, events: Sequence[RecordedEvent]) -> None:  # noqa: ARG002 - its effect is not in the database
        """Publish the events and wait until all are confirmed; raises BusUnavailableError and its kin."""
        async with anyio.create_task_group() as group:
            for event in events:
                group.start_soon(self._publish, event)

    async def _publish(self, event: RecordedEvent) -> None:
        fact = event.decode()
        async with self._limit:
            await self._bus.publish(
                Outgoing(
                    exchange=EVENTS,
                    routing_key=routing_key(fact),
                    body=envelope(event, fact).to_bytes(),
                    message_id=event.id,
                    mandatory=isinstance(fact, facts.TaskRequested) and fact.service in WORKERS,
                )
            )
