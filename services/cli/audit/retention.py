"""The command that moves what was closed long ago out of the log's database."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import anyio
import typer
from rich.console import Console

from services.cli.errors import CliError, UnavailableError
from services.cli.examples import examples
from services.cli.options import Options
from services.cli.output import print_json, say

retention_commands = typer.Typer()


@retention_commands.command(
    epilog=examples("audit archive --closed-before 2026-01-01T00:00:00Z --to /srv/storky/archive")
)
def archive(
    ctx: typer.Context,
    *,
    closed_before: Annotated[
        str,
        typer.Option(
            "--closed-before", metavar="TIME", help="Of migrations that ended before; with its zone."
        ),
    ],
    folder: Annotated[
        Path,
        typer.Option(
            "--to", metavar="DIR", exists=True, file_okay=False, help="Where STORKY_ARCHIVE points to."
        ),
    ],
) -> None:
    """Move events of ended migrations to a Parquet file; they can still be verified, shown and searched."""
    from events.store import LogUnavailableError  # noqa: PLC0415 - would slow down every other command
    from events.store.archive import ArchiveError, writer  # noqa: PLC0415 - as above
    from services.cli.servers import database_url  # noqa: PLC0415 - as above

    options: Options = ctx.obj
    url, before = database_url(options.directory), _past(closed_before)
    try:
        done = anyio.run(writer.archive, url, before, folder)
    except ArchiveError as error:
        raise CliError(f"Nothing was archived: {error}.") from None
    except LogUnavailableError as error:
        raise UnavailableError(f"Whether it was archived is not known, archive again: {error}.") from None
    events, file = (done.events, str(done.file)) if done else (0, None)
    if options.json:
        print_json({"ok": True, "events": events, "file": file})
    elif done:
        say(
            Console(),
            f"{events} events were moved to {file}. Keep it: the log cannot be verified without it.",
        )
    else:
        say(Console(), "Nothing was closed before that time that is not archived already.")


def _past(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time; write it as 2026-01-01T00:00:00Z") from None
    if time.tzinfo is None:
        raise typer.BadParameter(f"{text} has no zone; write it as 2026-01-01T00:00:00Z")
    if time > datetime.now(UTC):
        raise typer.BadParameter(f"{text} is in the future")
    return time
