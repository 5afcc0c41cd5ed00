"""Tables of migrations."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich import box
from rich.console import Console
from rich.table import Column, Table

from services.cli.output import print_json, say
from services.cli.wire import Listing, Migration
from services.common.formats import moment

PIPED_WIDTH = 240  # columns where there is no terminal: no line is to be broken


def print_table(migrations: Sequence[Migration]) -> None:
    """Write the migrations of one app to standard output, a line each."""
    names = ("Destination", "App there", "Status", "Started", "Finished")
    _print(names, [(each.id, each.destination, each.dst_app_name, *_course(each)) for each in migrations])


def print_all(listing: Listing, *, as_json: bool) -> None:
    """Write a page of the migrations of many apps to standard output, and what it lacks to standard error."""
    if as_json:
        print_json({"ok": True, **listing.model_dump(mode="json")})
        return
    names = ("App", "From", "To", "Status", "Started")
    rows = [
        (each.id, _app(each), each.source, each.destination, each.status, _time(each.started_at))
        for each in listing.migrations
    ]
    _print(names, rows)
    errors = Console(stderr=True)
    if listing.unreachable_regions:
        regions = ", ".join(listing.unreachable_regions)
        say(errors, f"Not complete: {regions} did not say which apps are yours; try again later.")
    if following := listing.meta.pagination.next_page:
        say(errors, f"There are {listing.meta.pagination.total_count}; go on with --page {following}.")


def _print(names: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPED_WIDTH)
    # On a narrow terminal everything folds but the id, which is there to be copied.
    columns = (
        Column("Migration ID", no_wrap=True, min_width=36),
        *(Column(name, overflow="fold") for name in names),
    )
    table = Table(*columns, box=box.SIMPLE, padding=(0, 1, 0, 0))
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _app(migration: Migration) -> str:
    old, new = migration.src_app_name, migration.dst_app_name
    return old if old == new else f"{old} -> {new}"


def _course(migration: Migration) -> tuple[str, str, str]:
    return migration.status, _time(migration.started_at), _time(migration.finished_at)


def _time(at: datetime | None) -> str:
    return moment(at) if at else "-"
