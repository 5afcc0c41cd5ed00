"""The real command, as a person or a script calls it."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from services.cli.main import main
from tests.gateway.stack import SOURCE, Stack, api_token

STORKY = Path(sys.executable).with_name("storky")
SECONDS = 60


class Tool:
    """`storky` for one app, with the gateway and the token in its environment."""

    def __init__(self, stack: Stack, app: str, token: str = api_token("owner")) -> None:
        self.app = app
        self.arguments = ["--region", SOURCE, "--app", app]
        self.environment = clean(STORKY_URL=stack.url, STORKY_TOKEN=token)

    def __call__(self, *arguments: str, code: int = 0) -> "Output":
        """Run to the end; the exit code must be this."""
        return called(self.environment, *self.arguments, *arguments, code=code)

    @contextmanager
    def start(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Start it, and read what it prints while it goes on; it is gone at the block's end."""
        with subprocess.Popen(
            [STORKY, *self.arguments, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def created(self) -> str:
        """Create a migration; return its id."""
        return self("migration-create", "--to", "osc-fr1").field("Migration ID")


Storky = Callable[..., "Output"]


def called(environment: Mapping[str, str], *arguments: object, code: int = 0) -> "Output":
    """Call the command in this process, which is as true as in one of its own, and needs no start."""
    with (
        patch.dict(os.environ, environment, clear=True),
        patch.multiple(sys, argv=["storky", *map(str, arguments)], stdin=io.StringIO()),
        redirect_stdout(io.StringIO()) as out,
        redirect_stderr(io.StringIO()) as errors,
        pytest.raises(SystemExit) as ended,
    ):
        main()
    output = Output(out.getvalue(), errors.getvalue())
    assert (ended.value.code or 0) == code, (arguments, output.stdout, output.stderr)
    return output


def clean(**more: str) -> dict[str, str]:
    """Return this process's environment without what is set for storky, and with more."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("STORKY_")}
    return ours | more


class Output:
    """What a command printed."""

    def __init__(self, stdout: str, stderr: str) -> None:
        self.stdout = stdout
        self.stderr = stderr

    def field(self, label: str) -> str:
        """Return what stands behind a label at the start of a line."""
        found = re.search(rf"^{label}: (.+)$", self.stdout, re.MULTILINE)
        assert found, self.stdout
        return found[1]

    @property
    def lines(self) -> list[str]:
        return self.stdout.splitlines()

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)
