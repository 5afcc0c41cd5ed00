from dataclasses import dataclass

import pytest

from events.bus import topology
from events.bus.admin import install
from tests.servers import Node

PLATFORM = "acme"  # a user that is not storky's own

# Users belong to the whole node, which other tests share: whoever installs them gives them these passwords.
USERS = {user: f"{user}-password" for user in (*topology.GRANTS, PLATFORM)}


@dataclass(frozen=True)
class Broker:
    """A virtual host with the topology in it."""

    server: Node
    vhost: str

    def urls(self, user: str, *, port: int | None = None) -> list[str]:
        url = self.server.amqp_url(user, USERS[user], self.vhost)
        return [url.replace(f":{self.port}/", f":{port}/") if port else url]

    @property
    def port(self) -> int:
        return int(self.server.amqp_url("", "").rpartition(":")[2].partition("/")[0])

    async def install(self) -> None:
        server = self.server
        await install(server.management_url, server.admin_user, server.admin_password, self.vhost, USERS)


@pytest.fixture
async def broker(rabbitmq: Node, vhost: str) -> Broker:
    broker = Broker(rabbitmq, vhost)
    await broker.install()
    return broker
