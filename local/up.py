"""`storky up`: the system, until somebody presses Ctrl-C."""

import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import httpx

from local.errors import LocalError, sentences
from local.sample.deploy import Sample, deploy, owner
from local.system import System, running

_SAMPLE = Sample(region="agora-fr1")


def up(directory: Path, sample: bool) -> None:
    """Run everything in the directory until SIGINT or SIGTERM.

    Raises SystemExit with a sentence when something does not start.
    """
    try:
        anyio.run(_until_signalled, directory, sample)
    except* (LocalError, TimeoutError, httpx.HTTPError) as failures:
        sys.exit("\n".join(f"storky: {sentence}" for sentence in sentences(failures)))


async def _until_signalled(directory: Path, sample: bool) -> None:
    # The receiver stays until everything has stopped: a second signal does not break that off.
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel_at_first, signals, group.cancel_scope)
            _tell(f"Starting storky in {directory}; its logs are in {directory / 'log'}.")
            async with running(
                directory, after_ready=_deploy_sample if sample else None, tell=_tell
            ) as system:
                _tell(f"Ready: {system.endpoints.gateway}. Ctrl-C stops everything.")
                await anyio.sleep_forever()


async def _cancel_at_first(signals: AsyncIterator[signal.Signals], scope: anyio.CancelScope) -> None:
    async for _ in signals:
        _tell("Stopping.")
        scope.cancel()
        return


async def _deploy_sample(system: System) -> None:
    _tell(f"Deploying {_SAMPLE.name} to {_SAMPLE.region}.")
    endpoints = system.endpoints
    async with owner(endpoints.gateway, endpoints.tokens["owner"]) as client:
        await deploy(client, _SAMPLE, endpoints.regions[_SAMPLE.region].front)


def _tell(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the command's output
