"""The region as a process: `python -m services.region`."""

import anyio

from services.common import http, process
from services.region.api import app
from services.region.failures import Shield
from services.region.operations.engine import Engine
from services.region.operations.kinds import KINDS
from services.region.region import opened
from services.region.settings import Settings


async def main(settings: Settings) -> None:
    """Start what shall run, finish what was left unfinished, and serve."""
    async with opened(settings) as region, anyio.create_task_group() as group:
        engine = Engine(region, KINDS)
        await region.start_everything()
        await region.reconcile()
        group.start_soon(engine.run)
        group.start_soon(region.keep_reconciling)
        host, port = settings.address
        await http.serve(Shield(app.create(region, engine)), host, port, process.ready)
        group.cancel_scope.cancel()


if __name__ == "__main__":
    process.run("region", Settings, main)
