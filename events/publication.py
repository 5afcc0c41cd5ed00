"""Events as the bus carries them."""

from events.bus.topology import event_key
from events.envelope import Envelope
from events.facts import Fact
from events.store import RecordedEvent


def routing_key(fact: Fact) -> str:
    """Return `<event>.<step>.<service>`, with `-` for what the event does not have."""
    step = getattr(fact, "step", None)
    service = getattr(fact, "service", None)
    return event_key(type(fact).__name__, step, service)


def envelope(event: RecordedEvent, fact: Fact, *, replayed: bool = False) -> Envelope:
    """Return the event's message; its id is the event's, however often it is sent."""
    return Envelope.wrap(
        fact,
        id=event.id,
        source="storky/migrations",
        time=event.recorded_at,
        subject=event.stream,
        actor=event.metadata.actor,
        onbehalfof=event.metadata.on_behalf_of,
        correlationid=event.metadata.correlation_id,
        causationid=event.metadata.causation_id,
        traceparent=event.metadata.traceparent,
        position=event.position,
        streamversion=event.version,
        replayed=replayed or None,
    )
