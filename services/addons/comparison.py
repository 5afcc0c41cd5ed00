"""Whether two databases hold the same: pure."""

import hashlib
from typing import Any

from pydantic import TypeAdapter

from regions.model import Fingerprint
from services.common.worker.task import TaskFailedError

Tables = dict[str, Fingerprint]

_READER = TypeAdapter(list[Fingerprint])


def compare(source: dict[str, Any], destination: dict[str, Any]) -> dict[str, Any]:
    """Return how much was compared; raises TaskFailedError for the first table, by name, that differs."""
    old, new = _tables(source), _tables(destination)
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            raise TaskFailedError(
                "data_differs", table=name, source_rows=_rows(old, name), destination_rows=_rows(new, name)
            )
    return {
        "tables": len(old),
        "rows": sum(table.rows for table in old.values()),
        "checksum": _checksum(old),
    }


def _tables(fingerprint: dict[str, Any]) -> Tables:
    return {table.name: table for table in _READER.validate_python(fingerprint.get("contents", []))}


def _rows(tables: Tables, name: str) -> int | str:
    return tables[name].rows if name in tables else "no such table"


def _checksum(tables: Tables) -> str:
    lines = (f"{name}\0{tables[name].rows}\0{tables[name].checksum}\n" for name in sorted(tables))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
