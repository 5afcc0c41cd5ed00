"""Fingerprints of a PostgreSQL database: the same for the same contents, in any region and any version.

Each row's text is hashed inside the server, and the hashes are summed; see checksums.
"""

import re
from dataclasses import replace
from pathlib import Path

import asyncpg

from services.region.machinery.checksums import summary
from services.region.machinery.engines import Fingerprint

_TABLES, _SEQUENCES, _LARGE_OBJECTS, _PAGES = (
    Path(__file__).with_name(f"{name}.sql").read_text()
    for name in ("tables", "sequences", "large_objects", "pages")
)

# All that changes how a value is written as text or read from it, or ends a long statement. A connection's
# own settings outrank those that an app gave to its database.
SETTINGS = {
    "search_path": "pg_catalog",
    "datestyle": "ISO, YMD",
    "timezone": "UTC",
    "intervalstyle": "postgres",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "lc_monetary": "C",
    "quote_all_identifiers": "off",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "standard_conforming_strings": "on",
    "idle_in_transaction_session_timeout": "0",
}

# OFFSET 0 keeps the planner from computing a hash twice.
_SUMS = """
SELECT count(*) AS items,
       coalesce(sum(('x' || substr(hash, 1, 16))::bit(64)::bigint), 0) AS first,
       coalesce(sum(('x' || substr(hash, 17, 16))::bit(64)::bigint), 0) AS second
  FROM (
       SELECT encode(sha256(convert_to(item, 'UTF8')), 'hex') AS hash FROM ({items}) AS items OFFSET 0
  ) AS hashes
"""
# concat() writes a row with the types' own output functions; a cast to text could be one that an app defined,
# and would run as the superuser.
_ROWS = "SELECT concat(ROW({columns})) AS item FROM ONLY {table} AS r"
_STATE = "SELECT concat(last_value, ' ', is_called) AS item FROM {sequence}"


async def fingerprint(connection: asyncpg.Connection) -> list[Fingerprint]:
    """Return the fingerprints of what is outside the system's schemas, all of one moment, by kind and name.

    Of kind `table` are ordinary tables (partitions, not the partitioned); of kind `sequence`, sequences with
    their state; `large_objects` is one, if there are any. The connection was opened with SETTINGS.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return [
            *await _large_objects(connection),
            *[await _of_sequence(connection, found) for found in await connection.fetch(_SEQUENCES)],
            *[await _of_table(connection, found) for found in await connection.fetch(_TABLES)],
        ]


async def _of_table(connection: asyncpg.Connection, table: asyncpg.Record) -> Fingerprint:
    columns = ", ".join(f"r.{quoted(column)}" for column in table["columns"])
    items = _ROWS.format(columns=columns, table=_identifier(table))
    return await _summed(connection, "table", _label_of(table), table["columns"], items)


async def _of_sequence(connection: asyncpg.Connection, sequence: asyncpg.Record) -> Fingerprint:
    items = _STATE.format(sequence=_identifier(sequence))
    found = await _summed(connection, "sequence", _label_of(sequence), [], items)
    return replace(found, rows=0)


async def _large_objects(connection: asyncpg.Connection) -> list[Fingerprint]:
    objects = await connection.fetchval(_LARGE_OBJECTS)
    if not objects:
        return []
    found = await _summed(connection, "large_objects", "large_objects", [], _PAGES)
    return [replace(found, rows=objects)]


async def _summed(
    connection: asyncpg.Connection, kind: str, name: str, labels: list[str], items: str
) -> Fingerprint:
    found = await connection.fetchrow(_SUMS.format(items=items))
    assert found
    checksum = summary(labels, found["items"], int(found["first"]), int(found["second"]))
    return Fingerprint(kind=kind, name=name, rows=found["items"], checksum=checksum)


def _identifier(relation: asyncpg.Record) -> str:
    return f"{quoted(relation['schema'])}.{quoted(relation['name'])}"


def _label_of(relation: asyncpg.Record) -> str:
    return f"{_label(relation['schema'])}.{_label(relation['name'])}"


def quoted(identifier: str) -> str:
    """Return an identifier as it may stand in a statement."""
    escaped = identifier.replace('"', '""')
    return f'"{escaped}"'


def _label(identifier: str) -> str:
    # Not quote_ident(): which words it quotes changes with the version.
    return identifier if re.fullmatch(r"[a-z_][a-z0-9_]*", identifier) else quoted(identifier)
