"""The command that moves what was closed long ago out of the log's database."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import anyio
import typer
from rich.console import Console

from services.cli.errors import CliError, UnavailableError
from services.cli.examples import examples
from services.cli.options import Options
from services.cli.output import print_json, say

if TYPE_CHECKING:
    from events.store.archive.writer import Archived

retention_commands = typer.Typer()


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


@retention_commands.command(epilog=examples("audit archive --closed-before 2026-01-01T00:00:00Z"))
def archive(
    ctx: typer.Context,
    closed_before: Annotated[
        datetime,
        typer.Option(parser=_past, metavar="TIME", help="Of migrations that ended before; with its zone."),
    ],
) -> None:
    """Move events of ended migrations to a Parquet file; they can still be verified, shown and searched.

    The file goes to the folder of a running system on this machine, else to that of STORKY_ARCHIVE.
    """
    from events.store import LogUnavailableError  # noqa: PLC0415 - would slow down every other command
    from events.store.archive import ArchiveError, writer  # noqa: PLC0415 - as above
    from services.cli.servers import archive_folder, database_url  # noqa: PLC0415 - as above

    options: Options = ctx.obj
    url = database_url(options.directory)
    if (folder := archive_folder(options.directory)) is None:
        raise CliError(
            "No folder is known: give the --dir of a running system, or set STORKY_ARCHIVE to one."
        )
    try:
        done = anyio.run(writer.archive, url, closed_before, folder)
    except ArchiveError as error:
        raise CliError(f"Nothing was archived: {error}.") from None
    except LogUnavailableError as error:
        raise UnavailableError(f"Whether it was archived is not known, archive again: {error}.") from None
    _tell(done, as_json=options.json)


def _tell(done: "Archived | None", *, as_json: bool) -> None:
    if as_json:
        events, file = (done.events, str(done.file)) if done else (0, None)
        print_json({"ok": True, "events": events, "file": file})
    elif done:
        kept = "Keep it: the log cannot be verified without it."
        say(Console(), f"{done.events} events were moved to {done.file}. {kept}")
    else:
        say(Console(), "Nothing was closed before that time that is not archived already.")
