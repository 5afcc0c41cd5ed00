"""A table of migrations."""

from collections.abc import Iterable
from datetime import datetime

from rich import box
from rich.console import Console
from rich.table import Column, Table

from services.cli.output import moment
from services.cli.wire import Migration

PIPED_WIDTH = 200  # columns where there is no terminal: no line is to be broken


def print_table(migrations: Iterable[Migration]) -> None:
    """Write the migrations to standard output, a line each."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPED_WIDTH)
    # On a narrow terminal everything folds but the id, which is there to be copied.
    names = ("Destination", "App there", "Status", "Started", "Finished")
    columns = (
        Column("Migration ID", no_wrap=True, min_width=36),
        *(Column(name, overflow="fold") for name in names),
    )
    table = Table(*columns, box=box.SIMPLE, padding=(0, 1, 0, 0))
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
    return moment(at) if at else "-"
