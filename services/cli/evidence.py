"""The commands about evidence: what the log tells of a migration, signed by the operator."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from services.cli.errors import CliError
from services.cli.examples import MY_APP, examples
from services.cli.options import Options
from services.cli.output import print_json, say

evidence_commands = typer.Typer()

KEY, PUBLIC_KEY = "operator-key.pem", "operator-key.pub"  # made by `storky up` in its folder


class Form(StrEnum):
    """For people, or for programs."""

    MARKDOWN = "markdown"
    JSON = "json"


KeyFile = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="Your ed25519 private key, PEM.")]
PublicKeyFile = Annotated[
    Path | None, typer.Option("--public-key", metavar="FILE", help="The operator's ed25519 public key, PEM.")
]
Output = Annotated[
    Path | None,
    typer.Option("--output", metavar="FILE", help="Write it there, and its signature to FILE.sig."),
]


@evidence_commands.command(
    "evidence",
    epilog=examples(
        f"{MY_APP} evidence ID",
        f"{MY_APP} evidence ID --format json --output evidence.json --key key.pem",
    ),
)
def show_evidence(
    ctx: typer.Context,
    migration_id: Annotated[str, typer.Argument(metavar="ID", help="The migration's id.")],
    form: Annotated[Form, typer.Option("--format", help="For people, or for programs.")] = Form.MARKDOWN,
    key: KeyFile = None,
    output: Output = None,
) -> None:
    """Tell who did what in a migration, when, and what proves that all was copied."""
    options: Options = ctx.obj
    if key and not output:
        raise typer.BadParameter("a file is what is signed: name it with --output")
    signer = default_key(key, options, KEY, "--key") if output else None
    with options.gateway() as gateway:
        known = gateway.evidence(migration_id)
    content = _content(known, form if output or not options.json else Form.JSON)
    if output and signer:
        deliver(content, output, signer, as_json=options.json)
    else:
        sys.stdout.write(content)


@evidence_commands.command(epilog=examples("evidence-check evidence.json --public-key key.pub"))
def evidence_check(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The evidence, with FILE.sig beside it.")],
    public_key: PublicKeyFile = None,
) -> None:
    """Check that evidence is what the operator has signed."""
    from services.cli.signing import check  # noqa: PLC0415 - would slow down every other command

    options: Options = ctx.obj
    signed_by = check(file, default_key(public_key, options, PUBLIC_KEY, "--public-key"))
    if options.json:
        print_json({"ok": True, "public_key": signed_by})
    else:
        say(Console(), f"{file} is what was signed with the key {signed_by}.")


@evidence_commands.command(epilog=examples("evidence-key key.pem"))
def evidence_key(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The private key; the public one is beside it.")
    ],
) -> None:
    """Make a pair of keys to sign evidence with."""
    from local.operator_key import make  # noqa: PLC0415 - as above

    public = file.with_suffix(".pub")
    try:
        make(file, public)
    except FileExistsError as error:
        raise CliError(
            f"{error} exists already; a key that has signed something is not overwritten."
        ) from None
    except OSError as error:
        raise CliError(f"{file} cannot be written: {error.strerror}.") from None
    if ctx.obj.json:
        print_json({"ok": True, "private_key": str(file), "public_key": str(public)})
    else:
        say(Console(), f"Keep {file} to yourself; give {public} to whoever is to check what you sign.")


def default_key(given: Path | None, options: Options, name: str, option: str) -> Path:
    """Return the key to use: the one given, else that of the folder of `storky up`."""
    if given:
        return given
    if options.directory:
        return options.directory / name
    raise typer.BadParameter(f"name the key with {option}; `storky evidence-key FILE` makes a pair")


def _content(known: dict[str, Any], form: Form) -> str:
    if form is Form.JSON:
        return json.dumps(known, indent=2) + "\n"
    from projections.evidence import Evidence  # noqa: PLC0415 - as above
    from services.cli.report import markdown  # noqa: PLC0415 - as above

    return markdown(Evidence.model_validate(known))


def deliver(content: str, output: Path, key: Path, *, as_json: bool) -> None:
    """Write a file with its signature beside it, and say so; raises CliError."""
    from services.cli.signing import beside, sign  # noqa: PLC0415 - as above

    signature = sign(content.encode(), key)
    try:
        output.write_bytes(content.encode())
        beside(output).write_text(signature.model_dump_json() + "\n")
    except OSError as error:
        raise CliError(f"{output} cannot be written: {error.strerror}.") from None
    if as_json:
        print_json({"ok": True, "file": str(output), **signature.model_dump()})
    else:
        say(Console(), f"Written to {output}; {beside(output)} is its signature.")
