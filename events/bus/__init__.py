"""The bus: RabbitMQ, reached through connections that survive its restarts."""

from events.bus.connection import Bus, connect
from events.bus.delivery import Again, Delivery, Done, Handler, Park, Verdict
from events.bus.errors import (
    BusError,
    BusUnavailableError,
    InstallError,
    NoReplyError,
    PublishRefusedError,
    UnroutableError,
)
from events.bus.publisher import Outgoing

__all__ = [
    "Again",
    "Bus",
    "BusError",
    "BusUnavailableError",
    "Delivery",
    "Done",
    "Handler",
    "InstallError",
    "NoReplyError",
    "Outgoing",
    "Park",
    "PublishRefusedError",
    "UnroutableError",
    "Verdict",
    "connect",
]
