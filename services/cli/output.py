"""Writing: for people as it is written, for programs as one JSON object."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

from rich.console import Console


def say(console: Console, *lines: str) -> None:
    """Print lines with nothing in them read as markup, coloured or broken."""
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def print_json(result: Any) -> None:
    """Write the one object that a program reads, to standard output."""
    sys.stdout.write(json.dumps(result) + "\n")


def moment(at: datetime) -> str:
    """Return a point in time as people read it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def span(seconds: float, decimals: int = 0) -> str:
    """Return a length of time as people read it."""
    minutes, rest = divmod(max(seconds, 0.0), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:.0f} h {minutes:.0f} min"
    return f"{minutes:.0f} min {rest:.0f} s" if minutes else f"{rest:.{decimals}f} s"
