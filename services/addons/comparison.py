"""Whether two databases hold the same: pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter

from events.failures import Reason
from regions.model import Fingerprint
from services.common.worker.task import TaskFailedError

MOST_REASONS = 10

Part = tuple[str, str]  # kind and name
Parts = Mapping[Part, Fingerprint]

_READER = TypeAdapter(list[Fingerprint])


def parts_of(fingerprint: Mapping[str, Any]) -> Parts:
    """Return a fingerprint's parts, by kind and name."""
    read = _READER.validate_python(fingerprint["contents"])
    return {(part.kind, part.name): part for part in sorted(read, key=lambda part: (part.kind, part.name))}


def compare(source: Parts, destination: Parts) -> None:
    """Raise TaskFailedError naming the parts that differ, ten of them at most."""
    differing = list(_differing(source, destination))
    TaskFailedError.unless_empty(differing[:MOST_REASONS])


def totals(parts: Iterable[Fingerprint]) -> dict[str, int]:
    """Return how much there is: parts of any kind, tables, and rows."""
    known = list(parts)
    return {
        "parts": len(known),
        "tables": sum(part.kind == "table" for part in known),
        "rows": sum(part.rows for part in known),
    }


def _differing(source: Parts, destination: Parts) -> Iterator[Reason]:
    for kind, name in sorted(source.keys() | destination.keys()):
        old, new = source.get((kind, name)), destination.get((kind, name))
        if old != new:
            params = {"kind": kind, "table": name, "source_rows": _rows(old), "destination_rows": _rows(new)}
            yield Reason(code="data_differs", params=params)


def _rows(part: Fingerprint | None) -> int | str:
    return part.rows if part else "none"
