"""Watching a step until it ends."""

import time
from collections.abc import Iterator

from services.cli.client import Gateway
from services.cli.wire import Snapshot

POLL = 0.5  # seconds
AWAY = 120.0  # seconds for which a gateway may be away, a restart for instance, before we give up


def follow(gateway: Gateway, migration_id: str) -> Iterator[Snapshot]:
    """Yield the migration as it stands, again and again, until nothing happens any more."""
    while True:
        snapshot = gateway.snapshot(migration_id, patience=AWAY)
        yield snapshot
        if snapshot.settled:
            return
        time.sleep(POLL)
