"""A table of migrations."""

from collections.abc import Iterable
from datetime import UTC, datetime

from rich import box
from rich.console import Console
from rich.table import Table

from services.cli.wire import Migration

PIPED_WIDTH = 200  # columns where there is no terminal: no line is to be broken


def print_table(migrations: Iterable[Migration]) -> None:
    """Write the migrations to standard output, a line each."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPED_WIDTH)
    table = Table("Migration ID", "Destination", "App there", "Status", "Started", "Finished", box=box.SIMPLE)
    for migration in migrations:
        table.add_row(
            migration.id,
            migration.destination,
            migration.dst_app_name,
            migration.status,
            _time(migration.started_at),
            _time(migration.finished_at),
        )
    console.print(table)


def _time(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if at else "-"
