"""Commands over the bus: sent, answered, and seen in the read model."""

import anyio

from events.bus import Bus, BusError, NoReplyError, Outgoing
from events.bus.topology import COMMANDS, command_key
from events.envelope import Envelope
from events.replies import Accepted, Rejected, read_reply
from services.gateway.errors import refused
from services.gateway.reads import Reads

PATIENCE = 15.0  # seconds for the whole of it; finding the app took at most 5 before
ATTEMPT = 3.0  # seconds to wait for a reply before the command is sent again


class RejectedError(Exception):
    """The command was refused, and changed nothing."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Commands:
    """Has commands carried out."""

    def __init__(self, bus: Bus, reads: Reads) -> None:
        self._bus = bus
        self._reads = reads

    async def carry_out(self, command: Envelope) -> None:
        """Return when what the command did can be read.

        Raises RejectedError, and ApiError (503) when its fate is not known in time.
        """
        try:
            with anyio.fail_after(PATIENCE):
                reply = await self._ask(command)
                if isinstance(reply, Rejected):
                    raise RejectedError(reply.code, reply.reason)
                await self._reads.reached(reply.position, PATIENCE)
        except TimeoutError:
            raise refused(
                503,
                "unconfirmed",
                "storky has not confirmed this in time; look at the app's migrations first.",
            ) from None
        except BusError:
            raise refused(
                503, "broker_unavailable", "storky's message broker does not answer; try again later."
            ) from None

    async def send(self, command: Envelope, timeout_seconds: float) -> None:
        """Return when the broker has stored the command; raises TimeoutError or BusError."""
        with anyio.fail_after(timeout_seconds):
            await self._bus.publish(_message(command))

    async def _ask(self, command: Envelope) -> Accepted | Rejected:
        """Send the command until it is answered: a command id that comes twice takes effect once."""
        message = _message(command)
        while True:
            try:
                return read_reply(await self._bus.request(message, ATTEMPT))
            except NoReplyError:
                continue


def _message(command: Envelope) -> Outgoing:
    return Outgoing(COMMANDS, command_key(command.name), command.to_bytes(), command.id)
