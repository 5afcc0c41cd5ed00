from importlib.util import find_spec

import pytest

from tests.bus.conftest import Broker
from tests.servers import Node

# It is there for the platforms that pyproject.toml names: those it has wheels for.
collect_ignore = [] if find_spec("atheris") else ["test_coverage_guided.py"]


@pytest.fixture
async def broker(rabbitmq: Node, vhost: str) -> Broker:
    """A virtual host with the topology in it."""
    broker = Broker(rabbitmq, vhost)
    await broker.install()
    return broker
