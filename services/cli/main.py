"""The `storky` command: migrations for the people who run apps, and the servers of one machine."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from services.cli.audit.commands import audit_commands
from services.cli.errors import CliError
from services.cli.evidence import evidence_commands
from services.cli.examples import examples
from services.cli.migrations import migration_commands
from services.cli.options import Options, gathered
from services.cli.output import print_json, say
from services.cli.platform_commands import platform_commands, replay_commands
from services.cli.projection_commands import projection_commands, status_commands
from services.cli.tokens import token_commands
from services.cli.webhook_commands import webhook_commands

EXIT_CODES = """Exit codes:

0: it is done.

1: it was refused, or the step failed.

2: wrong usage.

3: nobody has answered; look at the migration before you try again.

130: Ctrl-C; the migration goes on.
"""
OPERATORS, MACHINE = "For operators", "On this machine"

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Move apps between the regions of a platform. Options may stand before or after the command.",
    epilog=EXIT_CODES,
)
region_commands = typer.Typer(no_args_is_help=True, help="For those who run a region.")
app.add_typer(region_commands, name="region", rich_help_panel=OPERATORS)
parked_commands = typer.Typer(no_args_is_help=True, help="For the operator: messages nobody could handle.")
app.add_typer(parked_commands, name="parked", rich_help_panel=OPERATORS)
app.add_typer(migration_commands)
app.add_typer(evidence_commands)
app.add_typer(audit_commands, name="audit", rich_help_panel=OPERATORS)
app.add_typer(platform_commands, name="platform", rich_help_panel=OPERATORS)
app.add_typer(replay_commands)
app.add_typer(token_commands, name="token", rich_help_panel=OPERATORS)
app.add_typer(webhook_commands, name="webhook", rich_help_panel=OPERATORS)
app.add_typer(projection_commands, name="projections", rich_help_panel=OPERATORS)
app.add_typer(status_commands, rich_help_panel=OPERATORS)

# Every package beside this one that can be executed.
SERVICES = sorted(entry.parent.name for entry in Path(__file__).parents[1].glob("*/__main__.py"))


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


@app.command(rich_help_panel=MACHINE, epilog=examples("up --sample", "--dir /srv/storky up"))
def up(
    ctx: typer.Context,
    sample: Annotated[bool, typer.Option("--sample", help="Deploy a sample app.")] = False,
) -> None:
    """Run everything on this machine until Ctrl-C; all of it is kept in --dir (.storky)."""
    from local.up import up as run_all  # noqa: PLC0415 - would slow down every other command

    run_all(ctx.obj.directory or Path(".storky"), sample)


@app.command(rich_help_panel=MACHINE, epilog=examples("demo"))
def demo() -> None:
    """Show a whole migration on this machine, with real servers."""
    from local.demo import main as show  # noqa: PLC0415 - as above

    raise typer.Exit(show())


@app.command(rich_help_panel=MACHINE, epilog=examples("run gateway"))
def run(service: Annotated[str, typer.Argument(help="Such as gateway or migrations.")]) -> None:
    """Become a service's process, with the settings of the environment."""
    if service not in SERVICES:
        raise typer.BadParameter(f"there is no service {service!r}; choose {', '.join(SERVICES)}")
    os.execv(sys.executable, [sys.executable, "-m", f"services.{service}"])  # noqa: S606


@app.command(
    rich_help_panel=OPERATORS,
    epilog=examples("contract", "contract --format RunStep", "contract --output message-contract"),
)
def contract(
    wanted: Annotated[
        str, typer.Option("--format", help="asyncapi, schemas, or a message's name for its page.")
    ] = "asyncapi",
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write all documents into this folder instead.")
    ] = None,
) -> None:
    """Print the contract of the messages: AsyncAPI 3, JSON Schemas, a page for each message."""
    from services.cli.contract import show_contract, write_contract  # noqa: PLC0415 - as above

    if output:
        write_contract(output)
    else:
        show_contract(wanted)


@region_commands.command("check", epilog=examples("region check https://region.example.com"))
def region_check(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="The region's API, without /v1.")],
) -> None:
    """Check a region's API; its service credential is taken from STORKY_REGION_CREDENTIAL."""
    from services.cli.checking import check_region  # noqa: PLC0415 - as above

    if not check_region(url, as_json=ctx.obj.json):
        raise typer.Exit(1)


@parked_commands.command("list", epilog=examples("parked list", "--json parked list"))
def parked_list(ctx: typer.Context) -> None:
    """List the parked messages, and why each was parked."""
    from services.cli.parked import show_parked  # noqa: PLC0415 - as above

    show_parked(ctx.obj.directory, as_json=ctx.obj.json)


@parked_commands.command("resend", epilog=examples("parked resend --all"))
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
    """Run the command; what it cannot do it says in one sentence, with the exit code that belongs to it."""
    try:
        app(gathered(sys.argv[1:]), prog_name="storky")
    except CliError as error:
        if "--json" in sys.argv:  # the options may not have been read yet
            print_json({"ok": False, "error": str(error)})
        say(Console(stderr=True), f"storky: {error}")
        sys.exit(error.exit_code)
