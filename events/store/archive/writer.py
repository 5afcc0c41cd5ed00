"""Moving the events of closed streams out of the log's table, into a file that keeps the chain whole."""

import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
import anyio.to_thread
import asyncpg

from events.store.archive import parquet
from events.store.archive.errors import ArchiveError
from events.store.archive.reader import Archive, digest_of
from events.store.chain import Row
from events.store.errors import translated
from events.store.statements import statement

_BATCH = 5000  # rows in memory at a time


@dataclass(frozen=True, slots=True)
class Archived:
    """How many events went into which file."""

    file: Path
    events: int


async def archive(owner_url: str, closed_before: datetime, folder: Path) -> Archived | None:
    """Archive what was closed before that time; None if there is nothing to archive.

    `owner_url` is of the owner of the log's tables. The file is whole, and compared with the log, before
    anything leaves that; until then a crash leaves at most a file that nobody knows, which the next call
    replaces. Raises ArchiveError and LogUnavailableError; then nothing was archived.
    """
    with translated():
        connection = await asyncpg.connect(owner_url, server_settings={"application_name": "storky-archive"})
        try:
            await connection.execute(statement("lock_archives"))
            await _check_folder(connection, folder)
            await connection.execute(statement("create_archiving"))
            await connection.execute(statement("choose_archiving"), closed_before)
            await connection.execute("ANALYZE archiving")
            return await _archive(connection, folder)
        finally:
            await connection.close()


async def _check_folder(connection: asyncpg.Connection, folder: Path) -> None:
    """Raise ArchiveError unless the folder has all that was archived before: readers know one folder."""
    for file in await Archive(folder).files(connection):
        if file.is_missing():
            raise ArchiveError(
                f"{file.path}, of an earlier archive, is missing: archive to where that one is"
            )


async def _archive(connection: asyncpg.Connection, folder: Path) -> Archived | None:
    count = await connection.fetchval("SELECT count(*) FROM archiving")
    if not count:
        return None
    number = await connection.fetchval("SELECT coalesce(max(number), 0) + 1 FROM archives")
    file = folder / f"events-{number:06}.parquet"
    await _write(connection, file)
    await _compare(connection, file)
    digest = await anyio.to_thread.run_sync(digest_of, file)
    async with connection.transaction():
        await connection.execute(statement("insert_archive"), number, file.name, digest, count)
        await connection.execute(statement("keep_archived"), number)
        await connection.execute(statement("delete_archived"))
    return Archived(file, count)


async def _write(connection: asyncpg.Connection, file: Path) -> None:
    try:
        with TemporaryDirectory(prefix=".archiving-", dir=file.parent) as folder:
            lines, whole = Path(folder, "lines"), Path(folder, file.name)
            async with await anyio.open_file(lines, "w", encoding="utf-8") as out:
                async for rows in _chosen(connection):
                    await out.writelines(map(_line, rows))
            await anyio.to_thread.run_sync(parquet.write, lines, whole, parquet.EVENTS)
            await anyio.to_thread.run_sync(_put_in_place, whole, file)
    except OSError as error:
        raise ArchiveError(f"{file} cannot be written: {error.strerror}") from None


def _put_in_place(whole: Path, file: Path) -> None:
    _sync(whole)
    whole.replace(file)
    _sync(file.parent)


async def _compare(connection: asyncpg.Connection, file: Path) -> None:
    """Raise ArchiveError unless what is read from the file is what the log has."""
    after = 0
    async for rows in _chosen(connection):
        to = rows[-1].position
        read = partial(parquet.query, [file], statement("read_between"), after, to)
        if [Row(*row) for row in await anyio.to_thread.run_sync(read)] != rows:
            raise ArchiveError(f"{file} does not read as it was written: nothing was removed from the log")
        after = to


async def _chosen(connection: asyncpg.Connection) -> AsyncIterator[list[Row]]:
    after = 0
    while rows := await connection.fetch(statement("read_archiving"), after, _BATCH):
        yield [Row(*row) for row in rows]
        after = rows[-1]["position"]


def _line(row: Row) -> str:
    fields = row._asdict() | {
        "id": str(row.id),
        "recorded_at": row.recorded_at.isoformat(),
        "hash": row.hash.hex(),
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
