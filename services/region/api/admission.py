"""The calls of each migration that are under way: a fence waits for those it has made void."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import anyio


class Admissions:
    """Counts the calls under way by migration and epoch."""

    def __init__(self) -> None:
        self._under_way: Counter[tuple[UUID, int]] = Counter()
        self._changed = anyio.Event()

    @contextmanager
    def admit(self, migration_id: UUID, epoch: int) -> Iterator[None]:
        """Count a call while the block lasts."""
        self._under_way[migration_id, epoch] += 1
        try:
            yield
        finally:
            self._under_way[migration_id, epoch] -= 1
            self._under_way += Counter()  # forget what is zero
            self._changed.set()
            self._changed = anyio.Event()

    async def drained(self, migration_id: UUID, below: int) -> None:
        """Return when no call of a lower epoch is under way."""
        while any(key[0] == migration_id and key[1] < below for key in self._under_way):
            await self._changed.wait()
