"""What storky promises of a message that is no command it accepts: a reason, and nothing of its content."""

import json

from events.bus import Delivery
from events.bus.topology import MIGRATIONS
from events.catalogue import decode_fact
from events.commands import Command
from events.envelope import LARGEST_BODY, MalformedError
from services.migrations.effects import rejected
from services.migrations.intake import Received, receive
from services.migrations.rejections import RejectedError
from tests.fuzzing.mutations import MARK, MARKED_NUMBER

LONGEST_REASON = 3_000  # characters


def read(body: bytes, routing_key: str = "RunStep", actor: str | None = "billing") -> Command | None:
    """Return the command, None where there is none; fails the test unless the promise is kept."""
    try:
        received = receive(delivery(body, routing_key, actor))
    except MalformedError as error:
        check_reason(str(error))
        return None
    assert received.metadata().causation_id == received.envelope.id
    assert len(received.digest or b"x" * 32) == 32
    try:
        return received.command()
    except RejectedError as rejection:
        check_reason(rejection.reason)
        _check_record(received, rejection)
        return None


def check_reason(reason: str) -> None:
    assert 0 < len(reason) <= LONGEST_REASON
    assert MARK not in reason
    assert str(MARKED_NUMBER)[:7] not in reason


def _check_record(received: Received, rejection: RejectedError) -> None:
    """The refusal can be recorded, and be published."""
    (write,) = rejected(received, rejection).writes
    (event,) = write.events
    assert len(event.data) < LARGEST_BODY / 2
    decode_fact(event.type, event.schema_version, json.loads(event.data))


def delivery(body: bytes, routing_key: str, actor: str | None) -> Delivery:
    """Return the message as the bus hands it over."""
    return Delivery(
        queue=MIGRATIONS,
        routing_key=routing_key,
        body=body,
        message_id=None,
        user_id=actor,
        actor=actor,
        headers={},
        reply_to=None,
        correlation_id=None,
        redelivered=False,
        attempt=0,
        look=0,
    )
