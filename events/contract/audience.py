"""Who says a message and who hears it: read off what the broker permits."""

import re

from events.bus import topology
from events.bus.keys import event_keys, matches
from events.catalogue import FACTS

ANY_PLATFORM = "platforms"  # a user that is none of storky's own


def routing_key(name: str) -> str:
    """Return a message's routing key, with <step> and <service> where an event has them."""
    if name not in FACTS:
        return topology.command_key(name)
    parts = (f"<{part}>" if part in FACTS[name].model_fields else "-" for part in ("step", "service"))
    return ".".join((name, *parts))


def publishers(command: str) -> list[str]:
    """Return the broker's users that may publish the command; ANY_PLATFORM stands for all platforms."""
    grants = {ANY_PLATFORM: topology.grant_for(ANY_PLATFORM), **topology.GRANTS}
    key = topology.command_key(command)
    return [
        user
        for user, grant in grants.items()
        if topology.COMMANDS in grant.write and re.fullmatch(grant.topics.get(topology.COMMANDS, ""), key)
    ]


def work_queues(event: str) -> list[str]:
    """Return storky's own queues that the event goes to, besides those of the platforms that ask for it."""
    keys = [key for key in event_keys() if key.split(".")[0] == event]
    return [
        binding.queue
        for binding in topology.SOURCES
        if binding.exchange == topology.EVENTS and any(matches(binding.key, key) for key in keys)
    ]
