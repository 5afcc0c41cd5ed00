"""The next events of the whole log, wherever they are: nobody who reads all of it may miss some silently."""

import asyncpg

from events.store.archive.errors import ArchiveAwayError
from events.store.archive.reader import Archive
from events.store.chain import Row
from events.store.statements import statement


async def next_rows(
    connection: asyncpg.Connection, after: int, limit: int, archive: Archive | None
) -> list[Row]:
    """Return at most `limit` events after a position, in order and without holes.

    Raises ArchiveAwayError where some are not in the log's table, and not in the archive, and what the driver
    raises.
    """
    rows = [Row(*row) for row in await connection.fetch(statement("read_all"), after, limit)]
    if _is_whole(rows, after):
        return rows
    archived = await archive.between(connection, after, after + limit) if archive else []
    known = {row.position: row for row in (*archived, *rows) if row.position <= after + limit}
    both = [known[position] for position in sorted(known)]
    if not both or not _is_whole(both, after):
        raise ArchiveAwayError(f"after {after} events are missing: if they were archived, say where to")
    return both


def _is_whole(rows: list[Row], after: int) -> bool:
    return not rows or rows[-1].position == after + len(rows)
