"""The end of the log, worked out in memory: what a group of appends adds, and what each of them gets.

No I/O: the log reads what is needed while it holds the lane, and writes the result.
"""

from collections import ChainMap
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from events.store.appends import (
    Append,
    Appended,
    CommandOutcome,
    Duplicate,
    IdReused,
    Outcome,
    Rejected,
    StreamWrite,
    VersionConflict,
)
from events.store.chain import Row, link
from events.store.records import NewEvent


class Draft:
    """A continuation of the log. Each append sees those that were added before it."""

    def __init__(
        self,
        position: int,
        head_hash: bytes,
        now: datetime,
        versions: Mapping[str, int],
        handled: Mapping[UUID, CommandOutcome],
    ) -> None:
        """Start at the head; versions and outcomes are needed for all streams and commands to come."""
        self.rows: list[Row] = []
        self.outcomes: list[CommandOutcome] = []
        self.now = now
        self.position = position
        self._hash = head_hash
        self._versions = dict(versions)
        self._handled = dict(handled)

    def add(self, one: Append) -> Outcome:
        """Add a command's whole effect, or nothing of it."""
        if known := self._handled.get(one.command_id):
            return IdReused() if _differ(known.digest, one.digest) else Duplicate(known)
        versions = ChainMap({}, self._versions)
        for write in one.writes:
            if write.expected_version not in (None, versions[write.stream]):
                return VersionConflict(write.stream, write.expected_version, versions[write.stream])
            versions[write.stream] += len(write.events)
        for write in one.writes:
            self._write(write)
        return Appended(self._keep(one))

    def _write(self, write: StreamWrite) -> None:
        for event in write.events:
            self._versions[write.stream] += 1
            self._link(write.stream, self._versions[write.stream], event)

    def _link(self, stream: str, version: int, event: NewEvent) -> None:
        self.position += 1
        metadata = event.metadata.model_dump_json()
        columns = (
            *(self.position, stream, version, event.id, event.type, event.schema_version),
            *(event.data, metadata, self.now),
        )
        self._hash = link(self._hash, columns)
        self.rows.append(Row(*columns, self._hash))

    def _keep(self, one: Append) -> CommandOutcome:
        refusal = one.verdict if isinstance(one.verdict, Rejected) else None
        outcome = CommandOutcome(
            command_id=one.command_id,
            accepted=refusal is None,
            stream=one.verdict.stream,
            version=self._versions[one.verdict.stream],
            position=self.position,
            code=refusal.code if refusal else None,
            reason=refusal.reason if refusal else None,
            digest=one.digest,
        )
        self._handled[one.command_id] = outcome
        self.outcomes.append(outcome)
        return outcome


def _differ(one: bytes | None, other: bytes | None) -> bool:
    return None not in (one, other) and one != other
