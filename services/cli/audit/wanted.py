"""What an auditor may ask for on the command line."""

from enum import StrEnum
from typing import Annotated

import typer

from services.cli.options import Options

Actor = Annotated[str, typer.Option("--actor", help="A publisher's name, or an end user's id.")]
EventType = Annotated[str, typer.Option("--type", help="The events' type, such as TaskFailed.")]
Since = Annotated[str, typer.Option("--since", metavar="TIME", help="At this time or later, with its zone.")]
Until = Annotated[str, typer.Option("--until", metavar="TIME", help="Before this time, with its zone.")]
Text = Annotated[str, typer.Option("--text", help="Part of an event's data.")]
OfMigration = Annotated[str, typer.Option("--migration", metavar="ID", help="All about this migration.")]
MigrationId = Annotated[str, typer.Argument(metavar="ID", help="The migration's id.")]


class Form(StrEnum):
    """A JSON object in each line, columns for data tools, or rows for spreadsheets."""

    JSONL = "jsonl"
    PARQUET = "parquet"
    CSV = "csv"


def filters(options: Options, **given: str) -> dict[str, str]:
    """Return the query of the gateway: what was given, with --app and --region."""
    every = {"app": options.app, "region": options.region, **given}
    return {name: value for name, value in every.items() if value}
