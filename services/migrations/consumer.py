"""Commands from the bus, their outcomes back to the publisher."""

import anyio
import structlog

from events.bus import Bus, Delivery, Done, Park, Verdict
from events.envelope import MalformedError
from events.replies import Accepted, Rejected
from events.store import CommandOutcome, LogUnavailableError
from services.migrations.handler import CommandHandler
from services.migrations.intake import Received, receive

log = structlog.get_logger()

LOG_AWAY = 1.0  # seconds between two tries while the database does not answer


class CommandConsumer:
    """Handles one delivery: first the outcome is durable, then the reply is sent, then it is acknowledged."""

    def __init__(self, replies: Bus, handler: CommandHandler) -> None:
        self._replies = replies
        self._handler = handler

    async def __call__(self, delivery: Delivery) -> Verdict:
        """Decide about the command; what cannot be read is parked."""
        try:
            received = receive(delivery)
        except MalformedError as error:
            await self._reply(delivery, Rejected(outcome="rejected", code="malformed", reason=str(error)))
            return Park(f"malformed: {error}")
        outcome = await self._until_the_log_answers(received)
        log.info(
            "decided",
            action="decide",
            command=received.known_name,
            command_id=str(received.envelope.id),
            migration_id=str(received.migration_id),
            publisher=received.publisher,
            accepted=outcome.accepted,
            code=outcome.code,
        )
        await self._reply(delivery, _reply(outcome))
        return Done()

    async def _until_the_log_answers(self, received: Received) -> CommandOutcome:
        """Try again for as long as it takes: no command is parked because the database was away.

        Whether a group that failed was written is not known; the command's id makes trying again safe.
        """
        while True:
            try:
                return await self._handler.handle(received)
            except LogUnavailableError as error:
                log.warning("log unavailable", action="wait_for_log", reason=str(error))
                await anyio.sleep(LOG_AWAY)

    async def _reply(self, delivery: Delivery, reply: Accepted | Rejected) -> None:
        if delivery.reply_to:
            await self._replies.reply(delivery, reply.to_bytes())


def _reply(outcome: CommandOutcome) -> Accepted | Rejected:
    if outcome.accepted:
        return Accepted(
            outcome="accepted", stream=outcome.stream, version=outcome.version, position=outcome.position
        )
    return Rejected(
        outcome="rejected",
        code=outcome.code or "",
        reason=outcome.reason or "",
        position=outcome.position,
    )
