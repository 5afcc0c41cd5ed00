"""Writing: for people as it is written, for programs as one JSON object."""

import json
import sys
from typing import Any

from rich.console import Console


def say(console: Console, *lines: str) -> None:
    """Print lines with nothing in them read as markup or coloured, and none broken that is to be copied."""
    for line in "\n".join(lines).split("\n"):
        whole = not console.is_terminal or line.startswith("storky ")
        console.print(line, markup=False, highlight=False, soft_wrap=whole)


def print_json(result: Any) -> None:
    """Write the one object that a program reads, to standard output."""
    sys.stdout.write(json.dumps(result) + "\n")
