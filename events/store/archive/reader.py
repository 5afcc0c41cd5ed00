"""Reading what was archived."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import anyio.to_thread
import asyncpg

from events.store.archive.errors import ArchiveAwayError
from events.store.chain import Row
from events.store.statements import statement


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """A file as the database knows it, and the first event in it."""

    path: Path
    sha256: bytes
    first: int

    def is_missing(self) -> bool:
        """Tell whether it is not in the folder."""
        return not self.path.is_file()

    def is_changed(self) -> bool:
        """Tell whether it is not, byte for byte, what was written; raises OSError."""
        return digest_of(self.path) != self.sha256


class Archive:
    """The events that have left the log's table; where none have, it is empty and needs no folder."""

    def __init__(self, folder: Path | None) -> None:
        """Read the files that a database knows, in the folder that they were archived to."""
        self._folder = folder

    async def query(self, connection: asyncpg.Connection, sql: str, *arguments: object) -> Sequence[Any]:
        """Run a statement on the archived events, known as `events`.

        Raises ArchiveAwayError where a file, or the folder, is missing, and what the driver raises.
        """
        if not (files := await self.files(connection)):
            return []
        for file in files:
            if file.is_missing():
                raise ArchiveAwayError(f"the archive {file.path} is missing")
        return await anyio.to_thread.run_sync(partial(_query, [file.path for file in files], sql, arguments))

    async def between(self, connection: asyncpg.Connection, after: int, to: int) -> list[Row]:
        """Return the archived events above one position and up to another, in order; raises as query does."""
        return [Row(*row) for row in await self.query(connection, statement("read_between"), after, to)]

    async def stream(self, connection: asyncpg.Connection, name: str) -> list[Row]:
        """Return the archived events of a stream, in order; raises as query does."""
        return [Row(*row) for row in await self.query(connection, statement("read_stream"), name, 0)]

    async def files(self, connection: asyncpg.Connection) -> list[ArchiveFile]:
        """Return the files there must be, the oldest first; raises as query does, but for missing files."""
        known = await connection.fetch(statement("select_archives"))
        if known and self._folder is None:
            raise ArchiveAwayError("events were archived: STORKY_ARCHIVE must name the folder they are in")
        return [ArchiveFile(Path(self._folder or "", file), sha256, first) for file, sha256, first in known]


def digest_of(file: Path) -> bytes:
    """Return the SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").digest()


def _query(files: Sequence[Path], sql: str, arguments: Sequence[object]) -> list[tuple[Any, ...]]:
    from events.store.archive import parquet  # noqa: PLC0415 - large, and needed only where there are archives

    try:
        return parquet.query(files, sql, *arguments)
    except parquet.UnreadableError:
        raise ArchiveAwayError(f"an archive in {files[0].parent} cannot be read: verify it") from None
