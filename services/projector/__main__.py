"""The projector: `python -m services.projector`. Each projection has its own checkpoint and its own loop."""

import anyio

from events import store
from events.store.subscriptions import run
from projections.status import StatusProjection
from projections.timers import TimersProjection
from services.common import process
from services.common.settings import DatabaseSettings

PROJECTIONS = (StatusProjection(), TimersProjection())


async def main(settings: DatabaseSettings) -> None:
    """Follow the log until cancelled."""
    async with (
        store.connect(settings.database, "storky-projector", size=1 + len(PROJECTIONS)) as pool,
        anyio.create_task_group() as group,
    ):
        for projection in PROJECTIONS:
            group.start_soon(run, pool, projection)
        process.ready()


if __name__ == "__main__":
    process.run("projector", DatabaseSettings, main)
