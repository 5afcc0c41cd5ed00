"""Writing: for people as it is written, for programs as one JSON object."""

import json
import sys
from typing import Any

from rich.console import Console


def say(console: Console, *lines: str) -> None:
    """Print lines with nothing in them read as markup, coloured or broken."""
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def print_json(result: Any) -> None:
    """Write the one object that a program reads, to standard output."""
    sys.stdout.write(json.dumps(result) + "\n")
