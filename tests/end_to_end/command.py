"""The real command, typed for an app of a running system; its output goes into a pipe."""

import subprocess
import sys
from pathlib import Path

import anyio

from tests.cli.tool import Output
from tests.end_to_end.world import SOURCE, World

STORKY = Path(sys.executable).with_name("storky")


async def storky(world: World, app: str, *words: str, region: str = SOURCE, code: int = 0) -> Output:
    """Run a command to its end; the exit code must be this."""
    arguments = ["--dir", str(world.directory), "--region", region, "--app", app, *words]
    done = await anyio.run_process([str(STORKY), *arguments], stdin=subprocess.DEVNULL, check=False)
    output = Output(done.stdout.decode(), done.stderr.decode())
    assert done.returncode == code, (words, output.stdout, output.stderr)
    return output
