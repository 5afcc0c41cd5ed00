from collections.abc import Iterator

import asyncpg
import pytest

from tests.store.conftest import pool
from tests.webhooks.receiver import Receiver, receiving
from tests.webhooks.system import System

__all__ = ["pool"]

# A day in seconds. The networks are this machine's.
SETTINGS = {
    "webhook_http": True,
    "webhook_networks": ("127.0.0.0/8",),
    "webhook_timeout_seconds": 10,
    "webhook_first_retry_seconds": 0.02,
    "webhook_longest_retry_seconds": 0.2,
}


@pytest.fixture
def system(installed_url: str, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch) -> System:
    monkeypatch.setattr("services.webhooks.sending._LOOK", 0.02)
    return System(installed_url, pool, dict(SETTINGS))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver
