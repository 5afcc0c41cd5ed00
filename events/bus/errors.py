"""How talking to the broker fails."""


class BusError(Exception):
    """Base of all errors of the bus."""


class BusUnavailableError(BusError):
    """No connection, no answer in time, or a broker that cannot take the message now: ask again later.

    Whether a message that was being published has arrived is unknown.
    """


class UnroutableError(BusError):
    """No queue takes the message: the topology is not installed, or the routing key is wrong."""


class PublishRefusedError(BusError):
    """The broker refused, and will again: no permission, another's user id, or no such exchange."""


class NoReplyError(BusError):
    """Nobody answered the request in time. Whether it was done is unknown."""


class InstallError(BusError):
    """The broker's management API refused a part of the topology, or a queue found no leader."""
