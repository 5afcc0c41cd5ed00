"""The documents as they are committed, and what holds messages to them."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

DOCUMENTS = Path(__file__).parents[2] / "docs" / "contract"
FORMATS = FormatChecker(("uuid",))


@FORMATS.checks("date-time", raises=ValueError)
def has_a_time_zone(text: object) -> bool:
    return not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is not None


def read(path: str) -> Any:
    return json.loads((DOCUMENTS / path).read_text())


def schema(name: str) -> Draft202012Validator:
    """Return what accepts whole messages of this name."""
    return Draft202012Validator(read(f"schemas/{name}.json"), format_checker=FORMATS)


def examples(page: str) -> list[Any]:
    """Return what a page shows as JSON."""
    _, *blocks = (DOCUMENTS / page).read_text().split("```json\n")
    return [json.loads(block.partition("```")[0]) for block in blocks]
