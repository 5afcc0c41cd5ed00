"""What the demo says at its end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from local.demo.proof import Contents
from local.probe import Felt


@dataclass
class Summary:
    """Collected while the demo runs."""

    seconds: dict[str, float] = field(default_factory=dict)
    before: Contents | None = None
    after: Contents | None = None
    felt: Felt = field(default_factory=Felt)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Remember how long the block takes."""
        start = time.monotonic()
        yield
        self.seconds[what] = time.monotonic() - start

    def show(self, console: Console) -> None:
        """Print it."""
        console.rule("Summary")
        table = Table(box=None, show_header=False)
        for what, seconds in self.seconds.items():
            table.add_row(what, f"{seconds:.1f} s")
        table.add_row("rows before, after", f"{_rows(self.before)}, {_rows(self.after)}")
        table.add_row("checksum before", _checksum(self.before))
        table.add_row("checksum after", _checksum(self.after))
        table.add_row("longest time without a good answer", f"{self.felt.longest_outage:.1f} s")
        table.add_row("requests, of these failed", f"{self.felt.requests}, {self.felt.failed}")
        console.print(table)


def _rows(contents: Contents | None) -> str:
    return f"{contents.rows:,}" if contents else "?"


def _checksum(contents: Contents | None) -> str:
    return contents.checksum if contents else "?"
