"""Fingerprints of tables: the same for the same contents, in any region and any version of PostgreSQL.

Each row's text is hashed with sha256 inside the server. Two 64-bit pieces of that hash are summed over all
rows (so their order does not matter), and the sums, the number of rows and the columns' names are hashed once
more. Two tables that differ by accident have equal checksums with a probability of about 2**-128. It guards
against losing data, not against forging it: somebody may construct rows whose hashes have the same sum.
"""

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import asyncpg

_TABLES = Path(__file__).with_name("tables.sql").read_text()

# All that changes how a value is written as text, or ends a long statement. A connection's own settings
# outrank those that an app gave to its database.
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
    "idle_in_transaction_session_timeout": "0",
}

# concat() writes a row with the types' own output functions; a cast to text could be one that an app defined,
# and would run as the superuser. OFFSET 0 keeps the planner from computing the hash twice.
_STATEMENT = """
SELECT count(*) AS rows,
       coalesce(sum(('x' || substr(hash, 1, 16))::bit(64)::bigint), 0)::text AS first,
       coalesce(sum(('x' || substr(hash, 17, 16))::bit(64)::bigint), 0)::text AS second
  FROM (
       SELECT encode(sha256(convert_to(concat(ROW({columns})), 'UTF8')), 'hex') AS hash
         FROM ONLY {table} AS r
       OFFSET 0
  ) AS hashes
"""


@dataclass(frozen=True)
class TableFingerprint:
    """What a table contains: `name` is schema.table, odd names in double quotes; `checksum` is in hex."""

    name: str
    rows: int
    checksum: str


async def fingerprint(connection: asyncpg.Connection) -> list[TableFingerprint]:
    """Return the fingerprint of every ordinary table outside the system's schemas, all of one moment.

    The connection must have been opened with SETTINGS.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        tables = await connection.fetch(_TABLES)
        return [
            await _of_table(connection, table["schema"], table["name"], table["columns"]) for table in tables
        ]


async def _of_table(
    connection: asyncpg.Connection, schema: str, name: str, columns: list[str]
) -> TableFingerprint:
    statement = _STATEMENT.format(
        columns=", ".join(f"r.{quoted(column)}" for column in columns),
        table=f"{quoted(schema)}.{quoted(name)}",
    )
    found = await connection.fetchrow(statement)
    assert found
    summary = json.dumps([columns, found["rows"], found["first"], found["second"]])
    return TableFingerprint(
        name=f"{_label(schema)}.{_label(name)}",
        rows=found["rows"],
        checksum=sha256(summary.encode()).hexdigest(),
    )


def quoted(identifier: str) -> str:
    """Return an identifier as it may stand in a statement."""
    escaped = identifier.replace('"', '""')
    return f'"{escaped}"'


def _label(identifier: str) -> str:
    # Not quote_ident(): which words it quotes changes with the version.
    return identifier if re.fullmatch(r"[a-z_][a-z0-9_]*", identifier) else quoted(identifier)
