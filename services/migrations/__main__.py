"""The migrations service: `python -m services.migrations`."""

from events import bus, store
from events.bus.topology import MIGRATIONS
from events.store import Appender, Log
from services.common import process
from services.common.settings import BusSettings, DatabaseSettings
from services.migrations.consumer import CommandConsumer
from services.migrations.handler import CommandHandler

AT_ONCE = 100  # commands decided about at the same time: they share appends


class Settings(DatabaseSettings, BusSettings):
    """The regions are needed by their names alone."""

    regions: dict[str, dict[str, str]]


async def main(settings: Settings) -> None:
    """Consume commands until cancelled."""
    async with (
        store.connect(settings.database, "storky-migrations", size=10) as pool,
        bus.connect(settings.brokers, "migrations") as broker,
        Appender(Log(pool)) as appender,
    ):
        handler = CommandHandler(Log(pool), appender, frozenset(settings.regions))
        process.ready()
        await broker.consume(
            MIGRATIONS, CommandConsumer(broker, handler), prefetch=AT_ONCE, concurrency=AT_ONCE
        )


if __name__ == "__main__":
    process.run("migrations", Settings, main)
