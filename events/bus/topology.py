"""What the broker holds, and who may do what there: data, in one place.

A message travels from its exchange to a work queue and to that queue's consumer, which may send a copy
through the queue's delay exchange (it comes back by itself) or to the parked queue (it stays until somebody
sends it again). Each work queue has a delay exchange of its own: a worker can write to its own queue alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from events.vocabulary import GATEWAY, OPERATOR, TIMERS, WORKERS, Service, Step, broker_user

COMMANDS = "storky.commands"
EVENTS = "storky.events"
PARKED = "storky.parked"  # an exchange and its one queue; the routing key is the queue a message came from
PROGRESS = "storky.progress"  # how far tasks are, transient; the routing key is the migration's id
RESEND = "storky.resend"  # parked messages go back through it; the routing key is the queue
REPLAY = "storky.replay"  # events of the past, once more for one platform; the routing key is its queue
DEFAULT_EXCHANGE = ""  # dead letters of the delay queues, and replies, travel through it
REPLIES = "amq.rabbitmq.reply-to"  # the broker's pseudo-queue for direct replies

MIGRATIONS = "storky.migrations"

DELAYS: Sequence[float] = (
    0.2,
    1,
    5,
    30,
    120,
)  # seconds; each has a queue, for a TTL per message blocks head-first

# Deliveries that ended without an acknowledgement (the consumer died). Failures that a consumer survives are
# counted in our own header; this only stops a message that kills its consumer each time.
DELIVERY_LIMIT = 50
UNLIMITED = 1_000_000_000  # explicit, for the defaults differ: 3.10 has none, 4.x takes 20, and -1 stops 3.10

# What the names of queues begin with that the broker has named; nobody can choose such a name.
_NAMED_BY_BROKER = r"amq\.gen-.*"

# The broker's name for the default exchange in permissions.
_DEFAULT_EXCHANGE_RESOURCE = "amq.default"


def task_queue(service: Service) -> str:
    """Return the queue of one worker's tasks."""
    return f"storky.tasks.{service}"


def platform_queue(name: str) -> str:
    """Return the queue of an internal platform's events."""
    return f"storky.platform.{name}"


def delay_exchange(queue: str) -> str:
    """Return the exchange that brings a message back to `queue`; the routing key is delay_key()."""
    return f"storky.delay.{queue.removeprefix('storky.')}"


def delay_key(seconds: float) -> str:
    """Return the routing key of one of DELAYS: its milliseconds."""
    return str(round(seconds * 1000))


def nearest_delay(wanted: float) -> float:
    """Return the shortest of DELAYS that is not shorter than `wanted` seconds, else the longest."""
    return next((delay for delay in DELAYS if delay >= wanted), DELAYS[-1])


def delay_for(attempt: int, ladder: Sequence[float] = DELAYS) -> float:
    """Return the seconds to wait after `attempt` earlier failures."""
    return ladder[min(attempt, len(ladder) - 1)]


def command_key(name: str) -> str:
    """Return a command's routing key on COMMANDS."""
    return name


def event_key(name: str, step: Step | None = None, service: Service | None = None) -> str:
    """Return an event's routing key on EVENTS: name.step.service, with - for what it does not have."""
    return f"{name}.{step or '-'}.{service or '-'}"


@dataclass(frozen=True)
class Binding:
    """Messages of an exchange whose routing key matches go to the queue."""

    exchange: str
    key: str
    queue: str


SOURCES: Sequence[Binding] = (
    Binding(COMMANDS, "#", MIGRATIONS),
    *(Binding(EVENTS, f"TaskRequested.*.{service}", task_queue(service)) for service in WORKERS),
)
WORK_QUEUES: Sequence[str] = tuple(binding.queue for binding in SOURCES)


def _quorum(delivery_limit: int) -> dict[str, Any]:
    return {"x-queue-type": "quorum", "x-delivery-limit": delivery_limit}


def _dead_letters(exchange: str, key: str) -> dict[str, Any]:
    return {
        "x-dead-letter-exchange": exchange,
        "x-dead-letter-routing-key": key,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",  # the strategy requires it
    }


def _delay_queue(queue: str, seconds: float) -> str:
    return f"{delay_exchange(queue)}.{delay_key(seconds)}"


def _delay_arguments(queue: str, seconds: float) -> dict[str, Any]:
    ttl = {"x-message-ttl": int(delay_key(seconds))}
    return _quorum(UNLIMITED) | _dead_letters(DEFAULT_EXCHANGE, queue) | ttl


EXCHANGES: Mapping[str, str] = MappingProxyType(
    {
        COMMANDS: "topic",
        EVENTS: "topic",
        PROGRESS: "topic",
        PARKED: "topic",
        RESEND: "direct",
        REPLAY: "direct",
    }
    | {delay_exchange(queue): "direct" for queue in WORK_QUEUES}
)

QUEUES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {PARKED: _quorum(UNLIMITED)}
    | {queue: _quorum(DELIVERY_LIMIT) | _dead_letters(PARKED, queue) for queue in WORK_QUEUES}
    | {
        _delay_queue(queue, delay): _delay_arguments(queue, delay)
        for queue in WORK_QUEUES
        for delay in DELAYS
    }
)

# Nobody waits for a platform that does not read: it loses its oldest events, and a replay brings them back.
PLATFORM_QUEUE: Mapping[str, Any] = MappingProxyType(
    _quorum(UNLIMITED) | {"x-max-length": 1_000_000, "x-max-length-bytes": 2**30, "x-overflow": "drop-head"}
)

BINDINGS: Sequence[Binding] = (
    *SOURCES,
    Binding(PARKED, "#", PARKED),
    *(Binding(RESEND, queue, queue) for queue in WORK_QUEUES),
    *(
        Binding(delay_exchange(queue), delay_key(delay), _delay_queue(queue, delay))
        for queue in WORK_QUEUES
        for delay in DELAYS
    ),
)


@dataclass(frozen=True)
class Grant:
    """What a broker user may do. Nobody declares anything but who hears an exchange: a queue of its own."""

    write: Sequence[str] = ()
    read: Sequence[str] = ()
    hears: Sequence[str] = ()
    topics: Mapping[str, str] = field(default_factory=dict)  # topic exchange -> pattern of the routing keys

    @property
    def configure_pattern(self) -> str:
        """The regular expression of the queues it may declare."""
        return self._pattern()

    @property
    def write_pattern(self) -> str:
        """The regular expression of the exchanges it may publish to (and the queues it may bind)."""
        return self._pattern(*self.write)

    @property
    def read_pattern(self) -> str:
        """The regular expression of the queues it may consume from (and the exchanges it may bind to)."""
        return self._pattern(*self.read, *self.hears)

    def _pattern(self, *names: str) -> str:
        return _any_of(names, _NAMED_BY_BROKER) if self.hears else _any_of(names)


def _any_of(names: Sequence[str], *patterns: str) -> str:
    alternatives = [*map(re.escape, names), *patterns]
    return f"^({'|'.join(alternatives)})$" if alternatives else "^$"


def _consumer_of(queue: str, *write: str, topics: Mapping[str, str] = MappingProxyType({})) -> Grant:
    # Without a topic permission on PARKED, a worker could park a message in another's name.
    return Grant(
        read=(queue,),
        write=(*write, delay_exchange(queue), PARKED),
        topics={PARKED: _any_of((queue,)), **topics},
    )


def _worker(service: Service) -> Grant:
    return _consumer_of(task_queue(service), COMMANDS, PROGRESS, topics={COMMANDS: "^ReportTask.*$"})


_OF_USERS = ("CreateMigration", "RunStep", "AbortMigration", "ApproveStep")


def _platform(user: str) -> Grant:
    # Every command that a platform may be permitted: what its policy lacks is refused, and so recorded.
    return Grant(
        write=(COMMANDS,), read=(REPLIES, platform_queue(user)), topics={COMMANDS: _any_of(_OF_USERS)}
    )


def platform_bindings(name: str, subscriptions: Sequence[str]) -> Sequence[Binding]:
    """Return what leads to a platform's queue: its subscriptions, and replays."""
    queue = platform_queue(name)
    return (*(Binding(EVENTS, key, queue) for key in subscriptions), Binding(REPLAY, queue, queue))


# Users whose name starts with this are storky's own: what their copies say about the first is believed.
INTERNAL_PREFIX = "storky-"

GRANTS: Mapping[str, Grant] = MappingProxyType(
    {
        "storky-migrations": _consumer_of(MIGRATIONS, _DEFAULT_EXCHANGE_RESOURCE),
        "storky-relay": Grant(write=(EVENTS,)),
        TIMERS: Grant(write=(COMMANDS,), topics={COMMANDS: _any_of(("RemindOfHandover", "ExpireHandover"))}),
        GATEWAY: Grant(
            write=(COMMANDS,),
            read=(REPLIES,),
            hears=(PROGRESS,),
            topics={COMMANDS: _any_of((*_OF_USERS, "RefuseCommand"))},
        ),
        OPERATOR: Grant(
            write=(COMMANDS, RESEND, REPLAY),
            read=(REPLIES, PARKED),
            topics={COMMANDS: _any_of(("RegisterPlatform", "RemovePlatform"))},
        ),
    }
    | {broker_user(service): _worker(service) for service in WORKERS}
)


def grant_for(user: str) -> Grant:
    """Return what a user may do: one of ours by its name, anybody else as a platform that sends commands.

    Raises ValueError for a name that looks like ours and is not.
    """
    if user.startswith(INTERNAL_PREFIX) and user not in GRANTS:
        raise ValueError(f"no such user of storky: {user!r}; there are {', '.join(sorted(GRANTS))}")
    return GRANTS.get(user) or _platform(user)
