"""Events are for ever: what was once written is read by every later release, and means the same.

For each type and version there is one file, named as `Type.v1.json`: `stored` is the data as the log has it,
`read` what must be found in it. A file that was released is never edited; a new version gets a new file.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from events.catalogue import FACTS, decode_fact, schema_version

GOLDEN = Path(__file__).with_name("golden")
WRITTEN = {(name, version) for name in FACTS for version in range(1, schema_version(name) + 1)}


def kept() -> list[tuple[str, int]]:
    """Return the types and versions that there are files of."""
    parts = (file.stem.split(".v") for file in sorted(GOLDEN.glob("*.json")))
    return [(name, int(version)) for name, version in parts]


def test_each_type_and_version_has_its_file() -> None:
    missing = sorted(f"{name}.v{version}.json" for name, version in WRITTEN.difference(kept()))
    assert not missing, f"write to {GOLDEN.name}/, with an event as the log will store it: {missing}"


@pytest.mark.parametrize(("name", "version"), kept())
def test_it_is_read_as_it_was_meant(name: str, version: int) -> None:
    golden = json.loads((GOLDEN / f"{name}.v{version}.json").read_text())
    fact = decode_fact(name, version, golden["stored"])
    assert holds(fact.model_dump(mode="json"), golden["read"])


@pytest.mark.parametrize("name", FACTS)
def test_the_current_version_is_written_as_its_file_says(name: str) -> None:
    """A field that is renamed, or gone, is a new version: this one would lose what was stored."""
    golden = json.loads((GOLDEN / f"{name}.v{schema_version(name)}.json").read_text())
    written = decode_fact(name, schema_version(name), golden["stored"]).model_dump(mode="json")
    assert holds(written, golden["stored"])


def holds(value: Any, wanted: Any) -> bool:
    """Tell whether all of `wanted` is in `value`, which may have fields that came later."""
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(
            key in value and holds(value[key], part) for key, part in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(value, list)
            and len(value) == len(wanted)
            and all(holds(one, part) for one, part in zip(value, wanted, strict=True))
        )
    return bool(value == wanted)
