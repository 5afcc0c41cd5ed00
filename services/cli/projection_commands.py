"""The operator's commands about read models, and about the system: what is typed."""

from typing import Annotated

import typer

from services.cli.examples import examples

projection_commands = typer.Typer(no_args_is_help=True, help="For the operator: the read models.")
status_commands = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="NAME", help="The projection, such as status.")]


@projection_commands.command("list", epilog=examples("projections list", "--json projections list"))
def projections_list(ctx: typer.Context) -> None:
    """Show the projections: which version is live, how far it is, what is being built, what has stopped."""
    from services.cli.projections import list_projections  # noqa: PLC0415 - would slow down every other command

    list_projections(ctx.obj.directory, as_json=ctx.obj.json)


@projection_commands.command("rebuild", epilog=examples("projections rebuild status"))
def projections_rebuild(ctx: typer.Context, name: Name) -> None:
    """Build a projection anew from the log, beside the live rows, and put it in their place.

    Interrupted, it goes on where it stood when it is typed again.
    """
    from services.cli.projections import rebuild_projection  # noqa: PLC0415 - as above

    rebuild_projection(ctx.obj.directory, name, as_json=ctx.obj.json)


@projection_commands.command("resume", epilog=examples("projections resume status"))
def projections_resume(ctx: typer.Context, name: Name) -> None:
    """Have a projection go on that has stopped at an event, after its code was mended."""
    from services.cli.projections import resume_projection  # noqa: PLC0415 - as above

    resume_projection(ctx.obj.directory, name, as_json=ctx.obj.json)


@status_commands.command(
    "status", rich_help_panel="For operators", epilog=examples("status", "--json status")
)
def system_status(ctx: typer.Context) -> None:
    """Say whether storky is well: its services, who follows the log and how far, what is parked.

    Exit code 1 when something is wrong. The services are told of with --dir, of a system on this machine.
    """
    from services.cli.status import show_status  # noqa: PLC0415 - as above

    if not show_status(ctx.obj.directory, as_json=ctx.obj.json):
        raise typer.Exit(1)
