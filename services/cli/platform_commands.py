"""The operator's commands about internal platforms: what is typed. What is done is imported when it is."""

import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from services.cli.errors import CliError
from services.cli.options import Options

platform_commands = typer.Typer(
    no_args_is_help=True, help="For the operator: the internal platforms that talk to storky by messages."
)
replay_commands = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="NAME", help="The platform's name, and its broker user's.")]
Keys = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY",
        help="Routing keys of events, EVENT.STEP.SERVICE with the wildcards * and #; may be given again.",
    ),
]


@platform_commands.command("add")
def platform_add(
    ctx: typer.Context,
    name: Name,
    *,
    may: Annotated[str, typer.Option(metavar="LIST", help="Of create, run, abort, approve.")] = "",
    apps: Annotated[str, typer.Option(metavar="LIST", help="Names of apps, with * and ?.")] = "",
    regions: Annotated[str, typer.Option(metavar="LIST", help="Regions, both ends of a move.")] = "",
    subscribe: Keys = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password; else a new user gets one.")
    ] = False,
) -> None:
    """Let a platform in, or replace what it may do and what it hears.

    Example: storky platform add billing --may create,run --apps 'billing-*' --regions agora-fr1,osc-fr1
    --subscribe 'MigrationDone.#'
    """
    from services.cli.platforms import add_platform  # noqa: PLC0415 - would slow down every other command

    if may and not (apps and regions):
        raise typer.BadParameter("say with --apps and --regions where the platform may do that")
    command = _registration(
        name=name,
        may=_listed(may),
        apps=_listed(apps),
        regions=_listed(regions),
        subscriptions=_listed(*(subscribe or ())),
    )
    add_platform(ctx.obj.directory, command, _password() if password_stdin else None, as_json=ctx.obj.json)


@platform_commands.command("list")
def platform_list(ctx: typer.Context) -> None:
    """Show the platforms, what each may do, and what it hears."""
    from services.cli.platforms import list_platforms  # noqa: PLC0415 - as above

    list_platforms(ctx.obj.directory, as_json=ctx.obj.json)


@platform_commands.command("remove")
def platform_remove(ctx: typer.Context, name: Name) -> None:
    """Accept nothing of a platform any more, and remove its user and its queue."""
    from services.cli.platforms import remove_platform  # noqa: PLC0415 - as above

    remove_platform(ctx.obj.directory, name, as_json=ctx.obj.json)


@replay_commands.command()
def replay(
    ctx: typer.Context,
    *,
    queue: Annotated[str, typer.Option("--to-queue", metavar="NAME", help="A platform, or its queue.")],
    start: Annotated[
        str, typer.Option("--from", metavar="POSITION|TIME", help="The first event; a time needs a zone.")
    ],
    end: Annotated[
        str | None, typer.Option("--to", metavar="POSITION|TIME", help="The last event; else the log's last.")
    ] = None,
    key: Keys = None,
) -> None:
    """Send events of the past once more to one platform's queue, marked as replayed.

    Without --key those that the platform subscribes to.

    Example: storky replay --from 2026-01-31T12:00:00Z --to-queue storky.platform.billing
    """
    from services.cli.replay import Wanted, replay_events  # noqa: PLC0415 - as above

    options: Options = ctx.obj
    wanted = Wanted(queue, start, end, _listed(*(key or ())))
    replay_events(options.directory, wanted, as_json=options.json)


def _listed(*texts: str) -> tuple[str, ...]:
    words = (word.strip() for text in texts for word in text.split(","))
    return tuple(dict.fromkeys(word for word in words if word))


def _registration(**fields: str | Iterable[str]) -> Any:
    from events.commands import RegisterPlatform  # noqa: PLC0415 - as above
    from events.envelope import describe  # noqa: PLC0415 - as above

    try:
        return RegisterPlatform.model_validate(fields)
    except ValidationError as error:
        raise CliError(f"This is no platform: {describe(error)}.") from None


def _password() -> str:
    if not (password := sys.stdin.readline().rstrip("\n")):
        raise CliError("No password came on standard input.")
    return password
