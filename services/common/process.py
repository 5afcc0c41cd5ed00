"""The life cycle of a service process: logs, signals, readiness, and a clean end."""

import os
import signal
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import anyio
import structlog

from events.tracing import traced
from services.common import logs
from services.common.settings import S, read

log = structlog.get_logger()


def run(service: str, settings: type[S], main: Callable[[S], Awaitable[None]]) -> None:
    """Run a service's main, with the settings of its environment, until SIGTERM or SIGINT cancels it.

    An error that ends it is logged as any other, and the process exits with 1.
    """
    logs.configure(service)
    known = read(settings)
    try:
        anyio.run(_until_signalled, partial(main, known))
    except Exception as error:  # noqa: BLE001 - the interpreter would print the error's text
        log.critical("ended by an error", action="crash", **traced(error))
        raise SystemExit(1) from None


def ready() -> None:
    """Tell whoever supervises us that we serve: write our pid to the file named by STORKY_READY_FILE."""
    log.info("ready", action="ready")
    if path := os.environ.get("STORKY_READY_FILE"):
        partial = Path(f"{path}.partial")
        partial.write_text(str(os.getpid()))
        partial.rename(path)


async def _until_signalled(main: Callable[[], Awaitable[None]]) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(_cancel_on_signal, group.cancel_scope)
        await main()
        group.cancel_scope.cancel()


async def _cancel_on_signal(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for number in signals:
            log.info("stopping", action="stop", signal=signal.Signals(number).name)
            scope.cancel()
            return
