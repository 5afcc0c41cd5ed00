"""Parquet by DuckDB: columnar files that any tool for data reads, written and searched in bounded memory."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

_BOUNDS: Mapping[str, str | bool | int] = {
    "memory_limit": "256MB",
    "threads": 2,
    # What is not in the package would be fetched from a foreign host.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


def open_database() -> duckdb.DuckDBPyConnection:
    """Return a database in memory, for reading and writing files."""
    database = duckdb.connect(config=dict(_BOUNDS))
    database.execute("SET TimeZone = 'UTC'")
    return database


def write(lines: Path, file: Path, columns: Mapping[str, str]) -> None:
    """Write a file from lines of JSON; `columns` are the types of the fields. The order stays."""
    with open_database() as database:
        rows = database.read_json(str(lines), columns=dict(columns), format="newline_delimited")
        rows.write_parquet(str(file), compression="zstd")
