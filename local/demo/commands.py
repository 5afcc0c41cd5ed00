"""The migration's commands, as a person types them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import anyio
from anyio.streams.text import TextReceiveStream
from rich.console import Console

from local.errors import LocalError
from local.sample.deploy import Sample

STORKY = Path(sys.executable).with_name("storky")


class CommandFailedError(LocalError):
    """A command ended with another exit code than 0."""


class Commands:
    """Types storky's commands for one app, and shows what they print."""

    def __init__(self, directory: Path, sample: Sample, console: Console) -> None:
        self._environment = {**os.environ, "STORKY_DIR": str(directory), "PYTHONUNBUFFERED": "1"}
        self._common = ["--region", sample.region, "--app", sample.name]
        self._console = console

    async def create(self, destination: str) -> str:
        """Type migration-create; returns the migration's id."""
        output = await self._type("migration-create", "--to", destination)
        found = re.search(r"^Migration ID: (\S+)", output, re.MULTILINE)
        if not found:
            raise CommandFailedError("migration-create printed no migration id")
        return found[1]

    async def run(self, step: str, migration: str) -> None:
        """Type migration-run for a step."""
        await self._type("migration-run", f"--{step}", migration)

    async def _type(self, *words: str) -> str:
        arguments = [*self._common, *words]
        self._console.print(f"\n$ storky {' '.join(arguments)}", style="bold")
        process = await anyio.open_process(
            [str(STORKY), *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        output = ""
        async with process:
            assert process.stdout is not None
            async for text in TextReceiveStream(process.stdout):
                self._console.out(text, end="", highlight=False)
                output += text
        if process.returncode:
            raise CommandFailedError(f"storky {words[0]} ended with exit code {process.returncode}")
        return output
