"""The commands for auditors."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from services.cli.audit.chain_commands import chain_commands
from services.cli.audit.retention import retention_commands
from services.cli.audit.wanted import (
    Actor,
    EventType,
    Form,
    MigrationId,
    OfMigration,
    Since,
    Text,
    Until,
    filters,
)
from services.cli.examples import examples
from services.cli.options import Options
from services.cli.output import print_json, say

audit_commands = typer.Typer(
    no_args_is_help=True,
    help="For auditors: what happened, who did it, and that nobody has changed it since.",
)

audit_commands.add_typer(chain_commands)
audit_commands.add_typer(retention_commands)

Moment = Annotated[str, typer.Argument(help="A time with its zone, or a version of the migration.")]


@audit_commands.command(
    epilog=examples("audit show ID", "audit show ID --at 2026-05-04T12:00:00Z", "audit show ID --version 7")
)
def show(
    ctx: typer.Context,
    migration_id: MigrationId,
    at: Annotated[str, typer.Option("--at", metavar="TIME", help="As it was then; with its zone.")] = "",
    version: Annotated[str, typer.Option("--version", metavar="N", help="After so many events.")] = "",
) -> None:
    """Show a migration exactly as it was at any moment."""
    from services.cli.audit.trail import Trail  # noqa: PLC0415 - would slow down every other command
    from services.cli.audit.words import status_lines  # noqa: PLC0415 - as above

    options: Options = ctx.obj
    asked = {name: value for name, value in (("at", at), ("version", version)) if value}
    with Trail(options) as trail:
        status = trail.status(migration_id, asked)
    if options.json:
        print_json({"ok": True, "migration": status.model_dump(mode="json")})
    else:
        say(Console(), *status_lines(status))


@audit_commands.command(
    epilog=examples(
        "audit log --region osc-fr1 --type TaskFailed",
        "audit log --app my-app --since 2026-05-04T00:00:00+02:00 --oldest-first",
        "--json audit log --actor us-42 --page 1",
    )
)
def log(
    ctx: typer.Context,
    *,
    actor: Actor = "",
    type_: EventType = "",
    since: Since = "",
    until: Until = "",
    text: Text = "",
    migration: OfMigration = "",
    oldest_first: Annotated[bool, typer.Option("--oldest-first", help="In the order it happened.")] = False,
    page: Annotated[int | None, typer.Option("--page", help="One page, not all that there is.")] = None,
    per_page: Annotated[int, typer.Option("--per-page", help="Events on a page.")] = 50,
) -> None:
    """Tell what happened, the newest first."""
    from services.cli.audit import listing  # noqa: PLC0415 - as above

    options: Options = ctx.obj
    order = "oldest" if oldest_first else "newest"
    wanted = filters(
        options,
        actor=actor,
        type=type_,
        since=since,
        until=until,
        text=text,
        migration=migration,
        order=order,
    )
    if page is None:
        listing.tell_all(options, wanted)
    else:
        listing.tell_page(options, wanted | {"page": str(page), "per_page": str(per_page)})


@audit_commands.command(
    epilog=examples("audit diff ID 3 9", "audit diff ID 2026-05-04T12:00:00Z 2026-05-05T12:00:00Z")
)
def diff(ctx: typer.Context, migration_id: MigrationId, first: Moment, second: Moment) -> None:
    """Tell what changed in a migration between two moments."""
    from services.cli.audit.trail import Trail  # noqa: PLC0415 - as above
    from services.cli.audit.words import difference_lines  # noqa: PLC0415 - as above

    options: Options = ctx.obj
    with Trail(options) as trail:
        found = trail.difference(migration_id, first, second)
    if options.json:
        print_json({"ok": True, **found.model_dump(mode="json")})
    else:
        say(Console(), *difference_lines(found))


@audit_commands.command(
    epilog=examples("audit export --format parquet --output events.parquet --since 2026-05-01T00:00:00Z")
)
def export(
    ctx: typer.Context,
    *,
    output: Annotated[Path, typer.Option("--output", metavar="FILE", help="Replaced when all is written.")],
    form: Annotated[Form, typer.Option("--format", help="How the events are written.")] = Form.JSONL,
    actor: Actor = "",
    type_: EventType = "",
    since: Since = "",
    until: Until = "",
    text: Text = "",
    migration: OfMigration = "",
) -> None:
    """Write what happened to a file, in the order it happened."""
    from services.cli.audit.export import write  # noqa: PLC0415 - as above
    from services.cli.audit.trail import Trail  # noqa: PLC0415 - as above

    options: Options = ctx.obj
    wanted = filters(
        options,
        actor=actor,
        type=type_,
        since=since,
        until=until,
        text=text,
        migration=migration,
        order="oldest",
    )
    with Trail(options) as trail, trail.lines(wanted) as lines:
        count = write(lines, form, output)
    if options.json:
        print_json({"ok": True, "file": str(output), "events": count})
    else:
        say(Console(), f"{count} events were written to {output}.")
