"""All documents of the contract, by the path each has in docs/contract."""

import json
from typing import Any

from events.catalogue import COMMANDS, FACTS
from events.contract import pages
from events.contract.asyncapi import document
from events.contract.schemas import schemas


def documents() -> dict[str, str]:
    """Return the text of every file."""
    return {
        "README.md": pages.index(),
        "asyncapi.json": written(document()),
        **{f"schemas/{name}.json": written(schema) for name, schema in schemas().items()},
        **{f"commands/{name}.md": pages.page(name) for name in COMMANDS},
        **{f"events/{name}.md": pages.page(name) for name in FACTS},
    }


def written(value: Any) -> str:
    """Return JSON as it is kept in a file."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
