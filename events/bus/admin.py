"""Install the topology through RabbitMQ's management HTTP API."""

from collections.abc import Mapping

from events.bus import topology
from events.bus.management import described, logins, management, permissions


async def install(
    management_url: str, admin_user: str, admin_password: str, vhost: str, users: Mapping[str, str]
) -> None:
    """Create the vhost, the topology in it, and the users (name -> password) with their permissions.

    Doing it again changes nothing but passwords and permissions, which become what is given here. Returns
    when every queue has a leader. Raises InstallError, and ValueError for a user of ours that does not exist.
    """
    grants = {user: topology.grant_for(user) for user in users}
    async with management(management_url, admin_user, admin_password, vhost) as broker:
        await broker.define(
            {"vhosts": [{"name": vhost}]},
            described(vhost, topology.EXCHANGES, topology.QUEUES, topology.BINDINGS),
            logins(users),
            permissions(vhost, grants),
        )
        await broker.leaders(topology.QUEUES)
