"""The commands that move apps."""

from typing import Annotated

import typer
from rich.console import Console

from events.status import Status
from services.cli.client import Search
from services.cli.examples import MY_APP, examples
from services.cli.listing import print_all, print_table
from services.cli.options import Options
from services.cli.output import print_json, say
from services.cli.steps import Steps

migration_commands = typer.Typer()

MigrationId = Annotated[str, typer.Argument(metavar="ID", help="The migration's id.")]
Destination = Annotated[str, typer.Option("--to", metavar="REGION", help="The region to move the app to.")]
NewName = Annotated[str, typer.Option("--new-name", help="The app's name there, if another.")]


@migration_commands.command(
    epilog=examples(
        f"{MY_APP} migration-plan --to osc-fr1",
        f"{MY_APP} --json migration-plan --to osc-fr1 --new-name my-new-app",
    )
)
def migration_plan(ctx: typer.Context, to: Destination, new_name: NewName = "") -> None:
    """Say what a migration would copy, leave behind and change; nothing is done."""
    with ctx.obj.gateway() as gateway:
        plan = gateway.plan(to, new_name)
    if ctx.obj.json:
        print_json({"ok": True, **plan.model_dump(mode="json")})
    else:
        say(Console(), plan.text())


@migration_commands.command(epilog=examples(f"{MY_APP} migration-create --to osc-fr1"))
def migration_create(ctx: typer.Context, to: Destination, new_name: NewName = "") -> None:
    """Open a migration, and check whether the app can be moved."""
    with ctx.obj.gateway() as gateway:
        Steps(gateway, ctx.obj).create(to, new_name)


@migration_commands.command(
    epilog=examples(
        f"{MY_APP} migration-run --prepare ID",
        f"{MY_APP} migration-run --data ID",
        f"{MY_APP} --yes migration-run --finalize ID",
    )
)
def migration_run(
    ctx: typer.Context,
    migration_id: MigrationId,
    prepare: Annotated[bool, typer.Option("--prepare", help="Copy the app's skeleton.")] = False,
    data: Annotated[bool, typer.Option("--data", help="Stop the app, and copy its addons' data.")] = False,
    finalize: Annotated[bool, typer.Option("--finalize", help="Start the new app, redirect to it.")] = False,
) -> None:
    """Run the next step of a migration, and watch it to its end. Ctrl-C leaves it running."""
    chosen = [name for name, on in (("prepare", prepare), ("data", data), ("finalize", finalize)) if on]
    if len(chosen) != 1:
        raise typer.BadParameter("choose one of --prepare, --data and --finalize")
    with ctx.obj.gateway() as gateway:
        Steps(gateway, ctx.obj).run(migration_id, chosen[0])


@migration_commands.command(epilog=examples(f"{MY_APP} migration-approve ID"))
def migration_approve(ctx: typer.Context, migration_id: MigrationId) -> None:
    """Let a step go on that somebody else has run, and that waits for a second person."""
    options: Options = ctx.obj
    with options.gateway() as gateway:
        step = Steps(gateway, options).approve(migration_id)
    if options.json:
        print_json({"ok": True, "step": step})
    else:
        follow = options.commands().call("migration-follow", migration_id)
        say(Console(), f"The {step} step goes on. Follow it with:", follow)


@migration_commands.command(epilog=examples(f"{MY_APP} migration-abort ID"))
def migration_abort(ctx: typer.Context, migration_id: MigrationId) -> None:
    """Undo a migration: delete the new app, and bring the old one back to what it was."""
    with ctx.obj.gateway() as gateway:
        Steps(gateway, ctx.obj).run(migration_id, "abort")


@migration_commands.command(
    epilog=examples(f"{MY_APP} migration-follow ID", f"{MY_APP} --json migration-follow ID")
)
def migration_follow(ctx: typer.Context, migration_id: MigrationId) -> None:
    """Watch a migration until its step ends. Ctrl-C leaves it running."""
    with ctx.obj.gateway() as gateway:
        Steps(gateway, ctx.obj).follow(migration_id)


@migration_commands.command(
    epilog=examples(
        f"{MY_APP} migrations",
        "migrations --status running --status error",
        "--region osc-fr1 --json migrations --text shop --page 2",
    )
)
def migrations(
    ctx: typer.Context,
    text: Annotated[str, typer.Option("--text", help="Part of an app's name, or how an id begins.")] = "",
    status: Annotated[
        list[Status] | None, typer.Option("--status", help="Only those; may be repeated.")
    ] = None,
    page: Annotated[int, typer.Option("--page", min=1, help="50 are on each.")] = 1,
) -> None:
    """List an app's migrations; without --app those of all apps that you may see. The newest come first."""
    options: Options = ctx.obj
    if not options.app:
        with options.gateway(of_app=False) as gateway:
            listing = gateway.search(Search(text, options.region, tuple(status or ()), page))
        print_all(listing, as_json=options.json)
        return
    if text or status or page > 1:
        raise typer.BadParameter("--text, --status and --page are for the list without --app")
    with options.gateway() as gateway:
        found = gateway.migrations()
    if options.json:
        print_json({"ok": True, "migrations": [migration.model_dump(mode="json") for migration in found]})
    else:
        print_table(found)
