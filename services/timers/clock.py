"""Looks at what is due, again and again, and has it told."""

from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from uuid import UUID

import anyio
import asyncpg
import structlog

from events.bus import Bus, BusError, Outgoing
from events.bus.topology import COMMANDS, command_key
from events.commands import Timer
from events.envelope import Envelope
from events.store import LogUnavailableError
from events.store.database import session
from events.store.errors import translated
from projections.timers.queries import handovers
from services.timers.rules import command_id, due

SOURCE = "storky/timers"
BATCH = 100  # commands for each look
PATIENCE = timedelta(minutes=5)  # for the effect of a command, before it is sent again

log = structlog.get_logger()


class Clock:
    """Publishes the commands that are due.

    A command is due until the read model shows its effect; meanwhile this process sends it once in a while
    only, and another process, or this one after a restart, sends the same command: its id has one effect.
    """

    def __init__(self, pool: asyncpg.Pool, bus: Bus, reminders: Sequence[int]) -> None:
        self._pool = pool
        self._bus = bus
        self._reminders = reminders
        self._sent: dict[UUID, datetime] = {}

    async def run(self, poll_seconds: float) -> NoReturn:
        """Look every `poll_seconds` until cancelled; what fails is tried again at the next look."""
        while True:
            try:
                await self.look(datetime.now(UTC))
            except (LogUnavailableError, BusError) as error:
                log.warning("cannot tell what is due", action="timers_retry", error=type(error).__name__)
            await anyio.sleep(poll_seconds)

    async def look(self, now: datetime) -> None:
        """Publish what is due, a batch at most; raises LogUnavailableError, BusError."""
        self._sent = {sent: at for sent, at in self._sent.items() if now - at < PATIENCE}
        for command in await self._due(now):
            await self._publish(command)
            self._sent[command_id(command)] = now

    async def _due(self, now: datetime) -> list[Timer]:
        found: list[Timer] = []
        horizon = now + timedelta(seconds=max(self._reminders, default=0))
        with translated():
            async with session(self._pool) as connection, aclosing(handovers(connection, horizon)) as ending:
                async for handover in ending:
                    command = due(handover, self._reminders, now)
                    if command and command_id(command) not in self._sent:
                        found.append(command)
                    if len(found) == BATCH:
                        break
        return found

    async def _publish(self, command: Timer) -> None:
        envelope = Envelope.wrap(
            command, id=command_id(command), source=SOURCE, correlationid=command.migration_id
        )
        outgoing = Outgoing(COMMANDS, command_key(envelope.name), envelope.to_bytes(), envelope.id)
        await self._bus.publish(outgoing)
        log.info("told", action="timer_due", command=envelope.name, migration=str(command.migration_id))
