"""The `storky` command: migrations for the people who run apps, and the servers of one machine."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from services.cli.errors import CliError
from services.cli.evidence import evidence_commands
from services.cli.listing import print_table
from services.cli.options import Options, gathered
from services.cli.output import print_json, say
from services.cli.platform_commands import platform_commands, replay_commands
from services.cli.steps import Steps

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Move apps between the regions of a platform. Options may stand before or after the command.",
)
region_commands = typer.Typer(no_args_is_help=True, help="For those who run a region.")
app.add_typer(region_commands, name="region")
parked_commands = typer.Typer(no_args_is_help=True, help="For the operator: messages nobody could handle.")
app.add_typer(parked_commands, name="parked")
app.add_typer(evidence_commands)
app.add_typer(platform_commands, name="platform")
app.add_typer(replay_commands)

# Every package beside this one that can be executed.
SERVICES = sorted(entry.parent.name for entry in Path(__file__).parents[1].glob("*/__main__.py"))

MigrationId = Annotated[str, typer.Argument(metavar="ID", help="The migration's id.")]
Destination = Annotated[str, typer.Option("--to", metavar="REGION", help="The region to move the app to.")]
NewName = Annotated[str, typer.Option("--new-name", help="The app's name there, if another.")]


@app.callback()
def options(
    ctx: typer.Context,
    *,
    region: Annotated[str, typer.Option("--region", "-r", help="The region the app is in.")] = "",
    app_name: Annotated[str, typer.Option("--app", "-a", help="The app's name or id.")] = "",
    directory: Annotated[
        Path | None, typer.Option("--dir", envvar="STORKY_DIR", help="The folder of `storky up`.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the result as one JSON object.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before an app is stopped.")] = False,
) -> None:
    """Keep what every command understands."""
    given = () if "STORKY_DIR" in os.environ or directory is None else ("--dir", str(directory))
    ctx.obj = Options(
        region=region,
        app=app_name,
        directory=directory,
        url=os.environ.get("STORKY_URL"),
        api_token=os.environ.get("STORKY_TOKEN"),
        json=as_json,
        yes=yes,
        prefix=("storky", *given, "--region", region, "--app", app_name),
    )


@app.command()
def migration_plan(ctx: typer.Context, to: Destination, new_name: NewName = "") -> None:
    """Say what a migration would copy, leave behind and change; nothing is done."""
    with ctx.obj.gateway() as gateway:
        plan = gateway.plan(to, new_name)
    if ctx.obj.json:
        print_json({"ok": True, **plan.model_dump(mode="json")})
    else:
        say(Console(), plan.text())


@app.command()
def migration_create(ctx: typer.Context, to: Destination, new_name: NewName = "") -> None:
    """Open a migration, and check whether the app can be moved."""
    with ctx.obj.gateway() as gateway:
        Steps(gateway, ctx.obj).create(to, new_name)


@app.command()
def migration_run(
    ctx: typer.Context,
    migration_id: MigrationId,
    prepare: Annotated[bool, typer.Option("--prepare", help="Copy the app's skeleton.")] = False,
    data: Annotated[bool, typer.Option("--data", help="Stop the app, and copy its addons' data.")] = False,
    finalize: Annotated[bool, typer.Option("--finalize", help="Start the new app, redirect to it.")] = False,
) -> None:
    """Run the next step of a migration."""
    chosen = [name for name, on in (("prepare", prepare), ("data", data), ("finalize", finalize)) if on]
    if len(chosen) != 1:
        raise typer.BadParameter("choose one of --prepare, --data and --finalize")
    with ctx.obj.gateway() as gateway:
        Steps(gateway, ctx.obj).run(migration_id, chosen[0])


@app.command()
def migration_abort(ctx: typer.Context, migration_id: MigrationId) -> None:
    """Undo a migration: delete the new app, and bring the old one back to what it was."""
    with ctx.obj.gateway() as gateway:
        Steps(gateway, ctx.obj).run(migration_id, "abort")


@app.command()
def migration_follow(ctx: typer.Context, migration_id: MigrationId) -> None:
    """Watch a migration until its step ends."""
    with ctx.obj.gateway() as gateway:
        Steps(gateway, ctx.obj).follow(migration_id)


@app.command()
def migrations(ctx: typer.Context) -> None:
    """List the app's migrations, the newest first."""
    with ctx.obj.gateway() as gateway:
        found = gateway.migrations()
    if ctx.obj.json:
        print_json({"ok": True, "migrations": [migration.model_dump(mode="json") for migration in found]})
    else:
        print_table(found)


@app.command()
def up(
    ctx: typer.Context,
    sample: Annotated[bool, typer.Option("--sample", help="Deploy a sample app.")] = False,
) -> None:
    """Run everything on this machine until Ctrl-C; all of it is kept in --dir (.storky)."""
    from local.up import up as run_all  # noqa: PLC0415 - would slow down every other command

    run_all(ctx.obj.directory or Path(".storky"), sample)


@app.command()
def demo() -> None:
    """Show a whole migration on this machine, with real servers."""
    from local.demo import main as show  # noqa: PLC0415 - as above

    raise typer.Exit(show())


@app.command()
def run(service: Annotated[str, typer.Argument(help="Such as gateway or migrations.")]) -> None:
    """Become a service's process, with the settings of the environment."""
    if service not in SERVICES:
        raise typer.BadParameter(f"there is no service {service!r}; choose {', '.join(SERVICES)}")
    os.execv(sys.executable, [sys.executable, "-m", f"services.{service}"])  # noqa: S606


@region_commands.command("check")
def region_check(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="The region's API, without /v1.")],
) -> None:
    """Check a region's API; its service credential is taken from STORKY_REGION_CREDENTIAL."""
    from services.cli.checking import check_region  # noqa: PLC0415 - as above

    if not check_region(url, as_json=ctx.obj.json):
        raise typer.Exit(1)


@parked_commands.command("list")
def parked_list(ctx: typer.Context) -> None:
    """List the parked messages, and why each was parked."""
    from services.cli.parked import show_parked  # noqa: PLC0415 - as above

    show_parked(ctx.obj.directory, as_json=ctx.obj.json)


@parked_commands.command("resend")
def parked_resend(
    ctx: typer.Context,
    message_id: Annotated[str | None, typer.Argument(metavar="ID", help="One message.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All parked messages.")] = False,
) -> None:
    """Send parked messages to where they came from, after their cause was removed."""
    from services.cli.parked import resend_parked  # noqa: PLC0415 - as above

    if (message_id is None) != everything:
        raise typer.BadParameter("name one message by its ID, or say --all")
    resend_parked(ctx.obj.directory, message_id, as_json=ctx.obj.json)


def main() -> None:
    """Run the command; what it cannot do it says in one sentence, with exit code 1."""
    try:
        app(gathered(sys.argv[1:]), prog_name="storky")
    except CliError as error:
        if "--json" in sys.argv:  # the options may not have been read yet
            print_json({"ok": False, "error": str(error)})
        sys.exit(f"storky: {error}")
