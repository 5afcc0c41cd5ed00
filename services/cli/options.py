"""Options that every command understands, before the command's name and after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import typer

from services.cli import connection
from services.cli.client import Gateway
from services.cli.words import Commands

VALUED = frozenset({"--region", "-r", "--app", "-a", "--dir"})
FLAGS = frozenset({"--json", "--yes", "-y"})


@dataclass(frozen=True)
class Options:
    """What was given on the command line and in the environment."""

    region: str
    app: str
    directory: Path | None
    url: str | None
    api_token: str | None
    json: bool
    yes: bool
    prefix: Sequence[str]

    def gateway(self, *, of_app: bool = True) -> Gateway:
        """Return the gateway, asked about the app; raises BadParameter when none is named."""
        for option, value in (("--region", self.region), ("--app", self.app)):
            if of_app and not value:
                raise typer.BadParameter(f"this command needs {option}")
        found = connection.find(self.directory, self.url, self.api_token)
        return Gateway(found, self.region, self.app)

    def commands(self) -> Commands:
        """Return how to call this tool again about the same app."""
        return Commands(self.prefix)


def gathered(words: Sequence[str]) -> list[str]:
    """Return the command line with the options of this module before the command, wherever they stood."""
    ours: list[str] = []
    others: list[str] = []
    rest = iter(words)
    for word in rest:
        name, _, value = word.partition("=")
        if name in VALUED:
            ours += [word] if value else [word, *islice(rest, 1)]
        elif word in FLAGS:
            ours.append(word)
        else:
            others.append(word)
    return ours + others
