"""Watching a step until it ends."""

import time
from collections.abc import Iterator
from itertools import chain, repeat

from services.cli.client import Gateway
from services.cli.wire import Snapshot

PAUSES = (0.1, 0.2, 0.3)  # seconds; then
PAUSE = 0.5
AWAY = 120.0  # seconds for which a gateway may be away, a restart for instance, before we give up


def follow(gateway: Gateway, migration_id: str) -> Iterator[Snapshot]:
    """Yield the migration as it stands, again and again, until nothing happens any more."""
    for pause in chain(PAUSES, repeat(PAUSE)):
        snapshot = gateway.snapshot(migration_id, patience=AWAY)
        yield snapshot
        if snapshot.settled:
            return
        time.sleep(pause)
