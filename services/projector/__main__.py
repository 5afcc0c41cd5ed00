"""The projector: `python -m services.projector`. Each projection has its own checkpoint and its own loop."""

import anyio

from events import store
from projections.upkeep import discover, keep
from services.common import process
from services.common.settings import DatabaseSettings


async def main(settings: DatabaseSettings) -> None:
    """Follow the log until cancelled."""
    projections = discover().values()
    async with (
        store.connect(settings.database, "storky-projector", size=1 + 2 * len(projections)) as pool,
        anyio.create_task_group() as group,
    ):
        for projection in projections:
            group.start_soon(keep, pool, projection, settings.archive)
        process.ready()


if __name__ == "__main__":
    process.run("projector", DatabaseSettings, main)
