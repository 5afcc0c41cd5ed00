"""The operator's commands about API tokens."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

import typer
from pydantic import BaseModel, TypeAdapter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.cli import connection
from services.cli.client import Gateway
from services.cli.examples import examples
from services.cli.listing import PIPED_WIDTH
from services.cli.options import Options
from services.cli.output import print_json, say
from services.common.formats import moment

PATH = "/v1/storky/tokens"
NEVER = "never"
PERIOD = re.compile(r"([1-9]\d{0,4})([mhd])")
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}

token_commands = typer.Typer(no_args_is_help=True, help="For the operator: the API tokens of all users.")


class Role(StrEnum):
    """What a token's user may do."""

    USER = "user"
    OPERATOR = "operator"
    AUDITOR = "auditor"


class Token(BaseModel):
    """An API token; its secret is known only when it was just made."""

    id: UUID
    user_id: str
    username: str
    role: Role
    label: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @property
    def state(self) -> str:
        """Whether it is good, and how long."""
        if self.revoked_at:
            return f"revoked {moment(self.revoked_at)}"
        if self.expires_at is None:
            return "does not expire"
        expired = self.expires_at < datetime.now(UTC)
        return f"{'expired' if expired else 'expires'} {moment(self.expires_at)}"


class NewToken(Token):
    """A token with its secret."""

    secret: str


TOKENS = TypeAdapter(list[Token])


class Tokens(Gateway):
    """The gateway, asked about API tokens; in a folder of `storky up` by its operator."""

    @classmethod
    def of(cls, options: Options) -> Self:
        """Return the gateway that the options name."""
        found = connection.find(options.directory, options.url, options.api_token, user="operator")
        return cls(found, region="", app="")

    def make(self, wanted: dict[str, Any]) -> NewToken:
        """Have a token made."""
        return NewToken.model_validate(self._post(PATH, {"token": wanted}).json()["token"])

    def every(self) -> list[Token]:
        """Return all tokens, the newest first."""
        return TOKENS.validate_python(self._get(PATH)["tokens"])

    def revoke(self, token_id: UUID) -> Token:
        """Have a token revoked."""
        return Token.model_validate(self._post(f"{PATH}/{token_id}/revoke", {}).json()["token"])


@token_commands.command(
    "create",
    epilog=examples("token create --user us-ada --role auditor --expires 30d --label 'an audit'"),
)
def create(
    ctx: typer.Context,
    *,
    user: Annotated[str, typer.Option(metavar="ID", help="The user's id, as the regions know it.")],
    role: Annotated[Role, typer.Option(help="What the user may do.")] = Role.USER,
    expires: Annotated[
        str, typer.Option(metavar="PERIOD", help=f"After so many m, h or d (12h, 90d), or {NEVER}.")
    ] = "90d",
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    username: Annotated[str, typer.Option(help="For a user's first token: the name to show.")] = "",
    email: Annotated[str, typer.Option(help="For a user's first token: their address.")] = "",
) -> None:
    """Make an API token. Its secret is shown this once."""
    wanted = {"user_id": user, "role": role, "label": label, "expires_at": _end(expires)}
    names = {"username": username or None, "email": email or None}
    with Tokens.of(ctx.obj) as gateway:
        token = gateway.make({**wanted, **names})
    if ctx.obj.json:
        print_json({"ok": True, "token": token.model_dump(mode="json")})
        return
    say(Console(), f"Token ID: {token.id}", f"Token: {token.secret}", f"It {token.state}.")
    say(Console(stderr=True), "Keep it now: it is not shown again.")


@token_commands.command("list", epilog=examples("token list"))
def show(ctx: typer.Context) -> None:
    """List the API tokens, the revoked and the expired ones too."""
    with Tokens.of(ctx.obj) as gateway:
        tokens = gateway.every()
    if ctx.obj.json:
        print_json({"ok": True, "tokens": [token.model_dump(mode="json") for token in tokens]})
    else:
        _print(tokens)


@token_commands.command("revoke", epilog=examples("token revoke ID"))
def revoke(
    ctx: typer.Context, token_id: Annotated[UUID, typer.Argument(metavar="ID", help="The token's id.")]
) -> None:
    """Revoke an API token: within seconds nobody gets in with it."""
    with Tokens.of(ctx.obj) as gateway:
        token = gateway.revoke(token_id)
    if ctx.obj.json:
        print_json({"ok": True, "token": token.model_dump(mode="json")})
    else:
        say(Console(), f"Token {token.id} of {token.user_id} is revoked.")


def _end(period: str) -> str | None:
    if period == NEVER:
        return None
    if not (given := PERIOD.fullmatch(period)):
        raise typer.BadParameter(f"--expires is a number with m, h or d, such as 90d, or {NEVER}")
    return (datetime.now(UTC) + int(given[1]) * UNITS[given[2]]).isoformat()


def _print(tokens: Sequence[Token]) -> None:
    table = Table("Token ID", "User", "Role", "State", "Label", box=None)
    for token in tokens:
        cells = (str(token.id), token.user_id, token.role, token.state, token.label)
        table.add_row(*map(Text, cells))
    console = Console()
    (console if console.is_terminal else Console(width=PIPED_WIDTH)).print(table)
