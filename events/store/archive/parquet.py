"""Parquet by DuckDB: columnar files that any tool for data reads, written and searched in bounded memory."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

UnreadableError = duckdb.Error

_BOUNDS: Mapping[str, str | bool | int] = {
    "memory_limit": "256MB",
    "threads": 2,
    # What is not in the package would be fetched from a foreign host.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_ROW_GROUP = 20_000  # rows; who reads a range of positions reads little more

# The columns of the log. In a file the hash is in hexadecimal, and the payload as it was written.
EVENTS: Mapping[str, str] = {
    "position": "BIGINT",
    "stream": "VARCHAR",
    "version": "INTEGER",
    "id": "UUID",
    "type": "VARCHAR",
    "schema_version": "INTEGER",
    "data": "VARCHAR",
    "metadata": "VARCHAR",
    "recorded_at": "TIMESTAMPTZ",
    "hash": "VARCHAR",
}
# As the log has them, but for the zone of times, which is UTC: the driver would need another package for it.
_AS_IN_LOG = "* REPLACE (unhex(hash) AS hash, recorded_at AT TIME ZONE 'UTC' AS recorded_at)"


def write(lines: Path, file: Path, columns: Mapping[str, str]) -> None:
    """Write a file from lines of JSON; `columns` are the types of the fields. The order stays."""
    with _database().cursor() as database:
        rows = database.read_json(str(lines), columns=dict(columns), format="newline_delimited")
        rows.write_parquet(str(file), compression="zstd", row_group_size=_ROW_GROUP)


def query(files: Sequence[Path], sql: str, *arguments: object) -> list[tuple[Any, ...]]:
    """Run a statement on the events of these files together; raises UnreadableError."""
    names = ", ".join("'{}'".format(str(file).replace("'", "''")) for file in files)
    events = f"WITH events AS (SELECT {_AS_IN_LOG} FROM read_parquet([{names}]))"  # noqa: S608 - names are quoted
    with _database().cursor() as database:
        rows = database.execute(f"{events} {sql}", [_without_zone(each) for each in arguments]).fetchall()
    return [tuple(map(_with_zone, row)) for row in rows]


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """Return a database in memory, with nothing in it; each thread takes a cursor of its own."""
    return duckdb.connect(config=dict(_BOUNDS))


def _without_zone(value: object) -> object:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def _with_zone(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
