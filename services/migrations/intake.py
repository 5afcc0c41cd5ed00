"""From a message off the bus to a command that can be decided about, or a refusal that can be recorded."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import cast, get_args
from uuid import UUID, uuid5

from pydantic import ValidationError

from events.bus import Delivery
from events.bus.topology import command_key
from events.catalogue import COMMANDS, UnknownMessageError, decode_command
from events.commands import Command, Report
from events.envelope import Envelope, describe
from events.store import Metadata
from events.trace_context import well_formed
from events.vocabulary import GATEWAY, NOBODY
from services.migrations.rejections import RejectedError

# A worker that does a task again after a crash may report it in other words; what it said first counts.
REPORTS = frozenset(kind.__name__ for kind in get_args(Report))


@dataclass(frozen=True)
class Received:
    """A message whose envelope could be read."""

    envelope: Envelope
    publisher: str
    routing_key: str

    @property
    def command_id(self) -> UUID:
        """The id under which the command and its outcome are kept.

        It is the publisher's own: nobody can use up an id that another will send, such as that of a report.
        """
        return uuid5(self.envelope.id, self.publisher)

    @property
    def known_name(self) -> str | None:
        """The command's name, None if there is no such command: it may be anything that somebody wrote."""
        return self.envelope.name if self.envelope.name in COMMANDS else None

    @property
    def digest(self) -> bytes | None:
        """What tells this command from another one under the same id; None for reports."""
        if self.envelope.name in REPORTS:
            return None
        said = self.envelope.model_dump(mode="json", include={"type", "schemaversion", "onbehalfof", "data"})
        return sha256(json.dumps(said, sort_keys=True).encode()).digest()

    @property
    def migration_id(self) -> UUID | None:
        """The migration it is about, as far as its data says so."""
        try:
            return UUID(str(self.envelope.data.get("migration_id")))
        except ValueError:
            return None

    @property
    def on_behalf_of(self) -> str | None:
        """The end user, whom the gateway alone may name."""
        return self.envelope.onbehalfof if self.publisher == GATEWAY else None

    def metadata(self) -> Metadata:
        """Return what is kept beside each event that this command leads to."""
        return Metadata(
            actor=self.publisher,
            on_behalf_of=self.on_behalf_of,
            correlation_id=self.envelope.correlationid or self.migration_id or self.envelope.id,
            causation_id=self.envelope.id,
            traceparent=well_formed(self.envelope.traceparent),
        )

    def command(self) -> Command:
        """Return the command; raises RejectedError for what this release does not accept."""
        if self.publisher == NOBODY:
            raise RejectedError("no_publisher", "The message carries no user-id; set it to your broker user.")
        if self.envelope.onbehalfof and self.publisher != GATEWAY:
            raise RejectedError("not_gateway", "Only the gateway may name an end user; leave onbehalfof out.")
        if self.routing_key != command_key(self.envelope.name):  # the broker's permissions are about the key
            raise RejectedError("wrong_key", "Publish a command under the routing key of its own name.")
        try:
            command = decode_command(self.envelope.name, self.envelope.schemaversion, self.envelope.data)
        except UnknownMessageError as error:
            raise RejectedError("unknown_message", f"{error}.") from None
        except ValidationError as error:
            raise RejectedError("invalid_command", f"{self.envelope.name}: {describe(error)}.") from None
        return cast("Command", command)


def receive(delivery: Delivery) -> Received:
    """Read the envelope; raises events.envelope.MalformedError."""
    return Received(Envelope.parse(delivery.body), delivery.actor or NOBODY, delivery.routing_key)
