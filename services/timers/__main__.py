"""The timers: `python -m services.timers`."""

from typing import Annotated

from pydantic import Field

from events import bus, store
from services.common import process
from services.common.settings import BusSettings, DatabaseSettings
from services.timers.clock import Clock

DAY = 24 * 3600


class Settings(DatabaseSettings, BusSettings):
    """How often to look, and how long before a hand-over's end to remind of it."""

    timers_poll_seconds: float = Field(default=1, gt=0)
    handover_reminders_seconds: tuple[Annotated[int, Field(gt=0)], ...] = (7 * DAY, DAY)


async def main(settings: Settings) -> None:
    """Tell what is due until cancelled."""
    async with (
        store.connect(settings.database, "storky-timers", size=1) as pool,
        bus.connect(settings.brokers, "timers") as broker,
    ):
        process.ready()
        await Clock(pool, broker, settings.handover_reminders_seconds).run(settings.timers_poll_seconds)


if __name__ == "__main__":
    process.run("timers", Settings, main)
