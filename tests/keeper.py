"""Keep one server for a whole test run, whichever of its processes asked first.

Usage: keeper.py postgres|rabbitmq DIRECTORY PID. Starts the server, then writes DIRECTORY.started, or
DIRECTORY.failed with the reason. Stops it on SIGTERM, and when the process PID ends, however it ends.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import anyio

from local.postgres import PostgresServer
from local.rabbitmq import RabbitmqServer

KINDS: dict[str, Callable[[Path], PostgresServer | RabbitmqServer]] = {
    "postgres": partial(PostgresServer, durable=False),
    "rabbitmq": RabbitmqServer,
}


async def keep(kind: str, directory: Path, controller: int) -> None:
    """Run the server for as long as the controller lives."""
    server = KINDS[kind](directory)
    async with anyio.create_task_group() as group:
        group.start_soon(_cancel_on_sigterm, group.cancel_scope)
        group.start_soon(_cancel_at_end_of, controller, group.cancel_scope)
        try:
            await server.start()
            directory.with_suffix(".started").touch()
            await anyio.sleep_forever()
        except Exception as error:  # noqa: BLE001 - the tests that wait for it raise it
            directory.with_suffix(".failed").write_text(str(error))
        finally:
            with anyio.CancelScope(shield=True):
                await _end(server)
            group.cancel_scope.cancel()
    if not Path(f"/proc/{controller}").exists():  # killed: nobody else tidies up
        shutil.rmtree(directory.parent, ignore_errors=True)


async def _end(server: PostgresServer | RabbitmqServer) -> None:
    if isinstance(server, RabbitmqServer):
        await server.kill()  # a good order takes it 6 s, and nobody needs the data
    await server.stop()


async def _cancel_on_sigterm(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM) as signals:
        async for _ in signals:
            scope.cancel()


async def _cancel_at_end_of(process: int, scope: anyio.CancelScope) -> None:
    await anyio.wait_readable(os.pidfd_open(process))
    scope.cancel()


if __name__ == "__main__":
    anyio.run(keep, sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
