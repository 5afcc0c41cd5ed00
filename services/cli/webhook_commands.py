"""The operator's commands about webhooks."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.cli.errors import CliError
from services.cli.examples import examples
from services.cli.listing import PIPED_WIDTH
from services.cli.output import print_json, say
from services.cli.webhooks import Webhooks
from services.common.formats import moment

webhook_commands = typer.Typer(
    no_args_is_help=True, help="For the operator: who is told of events over HTTP."
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The webhook's name.")]


@webhook_commands.command(
    "add",
    epilog=examples("webhook add billing --url https://billing.example/storky --subscribe 'MigrationDone.#'"),
)
def add(
    ctx: typer.Context,
    name: Name,
    *,
    url: Annotated[str, typer.Option(help="Where events are sent.")],
    subscribe: Annotated[
        list[str],
        typer.Option(
            metavar="KEY",
            help="Routing keys of events, EVENT.STEP.SERVICE with the wildcards * and #; may be given again.",
        ),
    ],
    new_secret: Annotated[
        bool, typer.Option("--new-secret", help="Replace the secret of one that there is already.")
    ] = False,
) -> None:
    """Have events sent to a URL, or change that; one that is paused goes on.

    The secret that they are signed with is shown this once.
    """
    keys = list(dict.fromkeys(key.strip() for text in subscribe for key in text.split(",")))
    with Webhooks.of(ctx.obj) as gateway:
        webhook = gateway.add({"name": name, "url": url, "subscriptions": keys, "new_secret": new_secret})
    if ctx.obj.json:
        print_json({"ok": True, "webhook": webhook.model_dump(mode="json")})
        return
    say(Console(), f"{name} is told of {', '.join(webhook.subscriptions)} at {webhook.host}.")
    if webhook.secret:
        say(Console(), f"Secret: {webhook.secret}")
        say(Console(stderr=True), "Keep it now: it is not shown again.")


@webhook_commands.command("list", epilog=examples("webhook list"))
def show(ctx: typer.Context) -> None:
    """List the webhooks, and how each does."""
    with Webhooks.of(ctx.obj) as gateway:
        webhooks = gateway.every()
    if ctx.obj.json:
        print_json({"ok": True, "webhooks": [webhook.model_dump(mode="json") for webhook in webhooks]})
        return
    rows = [(w.name, w.host, ", ".join(w.subscriptions), w.waiting, w.parked, w.state) for w in webhooks]
    _print(("Name", "Host", "Told of", "Waiting", "Parked", "State"), rows)


@webhook_commands.command("remove", epilog=examples("webhook remove billing"))
def remove(ctx: typer.Context, name: Name) -> None:
    """Send nothing more, and forget what was still to be sent."""
    with Webhooks.of(ctx.obj) as gateway:
        gateway.remove(name)
    if ctx.obj.json:
        print_json({"ok": True, "removed": name})
    else:
        say(Console(), f"{name} is told of nothing any more.")


@webhook_commands.command("test", epilog=examples("webhook test billing"))
def test(ctx: typer.Context, name: Name) -> None:
    """Send a test now, and say what came of it."""
    with Webhooks.of(ctx.obj) as gateway:
        trial = gateway.test(name)
    if trial.problem:
        raise CliError(f"The test was not delivered to {name}: {trial.problem}.")
    if ctx.obj.json:
        print_json({"ok": True, "test": trial.model_dump(mode="json")})
    else:
        say(Console(), f"The test {trial.id} was delivered to {name}.")


@webhook_commands.command("parked", epilog=examples("webhook parked billing"))
def parked(
    ctx: typer.Context,
    name: Name,
    page: Annotated[int, typer.Option(min=1, help="Which page of the list.")] = 1,
) -> None:
    """List what could not be delivered for a day and is tried no more."""
    with Webhooks.of(ctx.obj) as gateway:
        deliveries, pages = gateway.parked(name, page)
    if ctx.obj.json:
        found = [delivery.model_dump(mode="json") for delivery in deliveries]
        print_json({"ok": True, "deliveries": found, "pages": pages})
        return
    rows = [(d.id, d.position, d.type, d.attempts, moment(d.parked_at), d.problem or "") for d in deliveries]
    _print(("Event ID", "Position", "Event", "Attempts", "Parked", "Why"), rows)
    if page < pages:
        say(Console(), f"This is page {page} of {pages}; --page {page + 1} shows the next.")


@webhook_commands.command("resend", epilog=examples("webhook resend billing --all"))
def resend(
    ctx: typer.Context,
    name: Name,
    delivery_id: Annotated[UUID | None, typer.Argument(metavar="ID", help="One event's id.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that is parked.")] = False,
) -> None:
    """Send what is parked again, for a day if need be, after its cause was removed."""
    if (delivery_id is None) != everything:
        raise typer.BadParameter("name one event by its ID, or say --all")
    with Webhooks.of(ctx.obj) as gateway:
        resent = gateway.resend(name, delivery_id)
    if ctx.obj.json:
        print_json({"ok": True, "resent": resent})
    else:
        say(Console(), f"{resent} deliveries are sent to {name} again.")


def _print(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    table = Table(*heads, box=None)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    console = Console()
    (console if console.is_terminal else Console(width=PIPED_WIDTH)).print(table)
