"""The commands that look at the chain of hashes, on the log's database itself."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from services.cli.errors import CliError
from services.cli.evidence import KEY, PUBLIC_KEY, KeyFile, Output, PublicKeyFile, default_key, deliver
from services.cli.examples import examples
from services.cli.options import Options
from services.cli.output import print_json, say

if TYPE_CHECKING:
    from events.store import Broken
    from services.cli.audit.chain import Head

chain_commands = typer.Typer()


@chain_commands.command(
    epilog=examples("audit verify", "audit verify --since-head head.json --public-key operator.pub")
)
def verify(
    ctx: typer.Context,
    since_head: Annotated[
        Path | None,
        typer.Option("--since-head", metavar="FILE", help="A head of `storky audit head`, kept elsewhere."),
    ] = None,
    public_key: PublicKeyFile = None,
) -> None:
    """Recompute the log's chain of hashes; name the first event that is not as it was written."""
    from events.store import Broken  # noqa: PLC0415 - would slow down every other command
    from services.cli.audit.chain import verified  # noqa: PLC0415 - as above
    from services.cli.servers import archive_folder, database_url  # noqa: PLC0415 - as above

    options: Options = ctx.obj
    kept = _kept(since_head, public_key, options) if since_head else None
    found = verified(database_url(options.directory), kept, archive_folder(options.directory))
    if isinstance(found, Broken):
        _tell_broken(found, as_json=options.json)
        raise typer.Exit(1)
    if options.json:
        print_json({"ok": True, "position": found.position, "hash": found.hash.hex()})
    else:
        say(
            Console(),
            f"All {found.position} events are as they were written.",
            f"The hash of the last one: {found.hash.hex()}",
        )


@chain_commands.command(epilog=examples("audit head", "audit head --sign --output head.json --key key.pem"))
def head(
    ctx: typer.Context,
    *,
    sign: Annotated[bool, typer.Option("--sign", help="Sign the file that --output names.")] = False,
    key: KeyFile = None,
    output: Output = None,
) -> None:
    """Tell the end of the log, to be kept elsewhere: it shows later what was removed or rewritten."""
    from services.cli.audit.chain import current_head  # noqa: PLC0415 - as above
    from services.cli.servers import database_url  # noqa: PLC0415 - as above

    options: Options = ctx.obj
    if (sign or key) and not output:
        raise typer.BadParameter("a file is what is signed: name it with --output")
    signer = default_key(key, options, KEY, "--key") if sign or key else None
    found = current_head(database_url(options.directory))
    content = found.model_dump_json() + "\n"
    if output and signer:
        deliver(content, output, signer, as_json=options.json)
    elif output:
        _write(content, output, as_json=options.json)
    elif options.json:
        print_json({"ok": True, **found.model_dump()})
    else:
        sys.stdout.write(content)


def _kept(file: Path, public_key: Path | None, options: Options) -> "Head":
    """Return a head that was kept, once its signature, if it has one, is checked."""
    from services.cli.audit.chain import Head  # noqa: PLC0415 - as above
    from services.cli.signing import beside, check  # noqa: PLC0415 - as above

    if public_key or beside(file).exists():
        check(file, default_key(public_key, options, PUBLIC_KEY, "--public-key"))
    return Head.read(file)


def _write(content: str, output: Path, *, as_json: bool) -> None:
    try:
        output.write_text(content)
    except OSError as error:
        raise CliError(f"{output} cannot be written: {error.strerror}.") from None
    if as_json:
        print_json({"ok": True, "file": str(output)})
    else:
        say(Console(), f"Written to {output}; it is not signed.")


def _tell_broken(found: "Broken", *, as_json: bool) -> None:
    sentence = f"The log is not as it was written. Event {found.position} was {found.fault}: {found.why}."
    if as_json:
        print_json({"ok": False, "error": sentence, **asdict(found)})
    say(Console(stderr=True), f"storky: {sentence}")
