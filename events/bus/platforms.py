"""An internal platform at the broker: its user, its queue, what leads there, and what it may do."""

from collections.abc import Sequence

import httpx

from events.bus.errors import InstallError
from events.bus.management import Management, described, logins, permissions
from events.bus.topology import (
    PLATFORM_QUEUE,
    Binding,
    grant_for,
    platform_bindings,
    platform_queue,
)

TAG = "storky-platform"  # marks the users that are made here, so that no other is ever touched


async def known(broker: Management, name: str) -> bool:
    """Tell whether the platform has a user; raises InstallError if the name is somebody else's."""
    answer = await broker.call("GET", "users", name, known=False)
    if answer.status_code == httpx.codes.NOT_FOUND:
        return False
    if TAG not in answer.json()["tags"]:
        raise InstallError(f"the broker's user {name} is not a platform's; choose another name")
    return True


async def add(broker: Management, name: str, subscriptions: Sequence[str], password: str | None) -> None:
    """Bring the platform's user and queue to what is given; without a password, a user keeps the one it has.

    Returns when the queue can be used. Raises InstallError.
    """
    wanted = platform_bindings(name, subscriptions)
    queues = {platform_queue(name): PLATFORM_QUEUE}
    await broker.define(described(broker.vhost, {}, queues, wanted))
    await _unbind(broker, name, wanted)
    await broker.leaders(queues)
    users = logins({name: password}, TAG) if password else {}
    await broker.define(users, permissions(broker.vhost, {name: grant_for(name)}))


async def remove(broker: Management, name: str) -> bool:
    """Remove the user and the queue with all that is in it; return whether there was anything to remove."""
    user = await known(broker, name)
    if user:
        await broker.call("DELETE", "users", name)
    queue = await broker.call("DELETE", "queues", broker.vhost, platform_queue(name), known=False)
    return user or queue.is_success


async def _unbind(broker: Management, name: str, wanted: Sequence[Binding]) -> None:
    """Remove the bindings that a former policy made."""
    queue = platform_queue(name)
    answer = await broker.call("GET", "queues", broker.vhost, queue, "bindings")
    for found in answer.json():
        binding = Binding(found["source"], found["routing_key"], queue)
        if binding.exchange and binding not in wanted:  # the default exchange binds every queue
            place = ("bindings", broker.vhost, "e", binding.exchange, "q", queue, found["properties_key"])
            await broker.call("DELETE", *place)
