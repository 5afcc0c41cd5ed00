"""The demo from its start to its summary."""

import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import anyio
import httpx
from rich.console import Console

from local.demo.commands import Commands
from local.demo.proof import Prover
from local.demo.summary import Summary
from local.errors import LocalError, sentences
from local.probe import polling
from local.sample.deploy import Sample, deploy, owner
from local.system import System, running

SAMPLE = Sample(region="agora-fr1", megabytes=20)
DESTINATION = "osc-fr1"
console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    """Run the demo in a directory of its own, which is removed at the end; returns the exit code."""
    code = 0
    try:
        with tempfile.TemporaryDirectory(prefix="storky-demo-") as directory:
            anyio.run(_demo, Path(directory))
    except* (LocalError, TimeoutError, httpx.HTTPError) as failures:
        for sentence in sentences(failures):
            console.print(f"The demo failed: {sentence}", style="bold red")
        code = 1
    return code


async def _demo(directory: Path) -> None:
    summary = Summary()
    async with AsyncExitStack() as stack:
        console.rule("Start two regions and storky, each service a process of its own")
        with summary.timed("start"):
            system = await stack.enter_async_context(running(directory))
        client = await stack.enter_async_context(
            owner(system.endpoints.gateway, system.endpoints.tokens["owner"])
        )
        console.rule(f"Deploy {SAMPLE.name} to {SAMPLE.region}, with {SAMPLE.megabytes} MB of data")
        with summary.timed("deploy"):
            await deploy(client, SAMPLE, system.endpoints.regions[SAMPLE.region].front)
        await _migrate(system, client, directory, summary)
        summary.show(console)
        console.rule("Stop everything")


async def _migrate(system: System, client: httpx.AsyncClient, directory: Path, summary: Summary) -> None:
    regions = system.endpoints.regions
    prover = Prover(client, SAMPLE, DESTINATION, {name: region.front for name, region in regions.items()})
    commands = Commands(directory, SAMPLE, console)
    summary.before = await prover.rows_at_the_source()
    async with polling(regions[SAMPLE.region].front, SAMPLE.domain) as summary.felt:
        with summary.timed("migration-create"):
            migration = await commands.create(DESTINATION)
        for step in ("prepare", "data", "finalize"):
            with summary.timed(f"migration-run --{step}"):
                await commands.run(step, migration)
        console.rule("Prove it")
        summary.after = await prover.rows_at_the_destination()
        async for proven in prover.prove(summary.before, summary.after):
            console.print(f"✔ {proven}")
