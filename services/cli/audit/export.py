"""The audit trail as a file: written beside its place, and moved there when it is whole."""

import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from events.store.archive import parquet
from services.cli.audit.wanted import Form
from services.cli.errors import CliError

# The events as the gateway tells them, with the types that Parquet gives them.
COLUMNS: Mapping[str, str] = {
    "position": "BIGINT",
    "stream": "VARCHAR",
    "version": "INTEGER",
    "type": "VARCHAR",
    "schema_version": "INTEGER",
    "time": "TIMESTAMPTZ",
    "actor": "VARCHAR",
    "on_behalf_of": "VARCHAR",
    "correlation_id": "UUID",
    "causation_id": "UUID",
    "hash": "VARCHAR",
    "data": "JSON",
}


def write(lines: Iterable[str], form: Form, output: Path) -> int:
    """Write the events, and return how many there are; an error leaves what was there before."""
    numbers = count()
    events = (line for line, _ in zip(lines, numbers, strict=False))
    try:
        with _replacing(output) as partial:
            WRITERS[form](events, partial)
    except OSError as error:
        raise CliError(f"{output} cannot be written: {error.strerror}.") from None
    return next(numbers)


def _jsonl(events: Iterable[str], file: Path) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.writelines(f"{event}\n" for event in events)


def _parquet(events: Iterable[str], file: Path) -> None:
    lines = file.with_suffix(".lines")
    _jsonl(events, lines)
    parquet.write(lines, file, COLUMNS)


def _csv(events: Iterable[str], file: Path) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.DictWriter(out, list(COLUMNS))
        rows.writeheader()
        for event in map(json.loads, events):
            rows.writerow(event | {"data": json.dumps(event["data"], ensure_ascii=False)})


WRITERS: Mapping[Form, Callable[[Iterable[str], Path], None]] = {
    Form.JSONL: _jsonl,
    Form.PARQUET: _parquet,
    Form.CSV: _csv,
}


@contextmanager
def _replacing(output: Path) -> Iterator[Path]:
    """Yield where to write; what is there takes the place of `output` when the block ends well."""
    with TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as folder:
        partial = Path(folder, output.name)
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.rename(output)
