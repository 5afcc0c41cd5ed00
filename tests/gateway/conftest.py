from collections.abc import Iterator

import httpx
import pytest

from tests.gateway.stack import Stack


@pytest.fixture
def http(stack: Stack) -> Iterator[httpx.Client]:
    """The owner's client."""
    with stack.client() as client:
        yield client
