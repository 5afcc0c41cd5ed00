"""The migrations service: `python -m services.migrations`."""

from typing import Literal

from events import bus, store
from events.bus.topology import MIGRATIONS
from events.store import Appender, Log
from events.vocabulary import Step
from services.common import process
from services.common.settings import BusSettings, DatabaseSettings
from services.migrations.consumer import CommandConsumer
from services.migrations.handler import CommandHandler

AT_ONCE = 100  # commands decided about at the same time: they share appends

REPLY_SECONDS = 2  # that a reply is tried for: its command's outcome is kept, and the next command waits


class Settings(DatabaseSettings, BusSettings):
    """Of the regions only the names are needed; the steps in `approvals` wait for a second person."""

    regions: dict[str, dict[str, str]]
    approvals: frozenset[Literal[Step.PREPARE, Step.DATA, Step.FINALIZE]] = frozenset()


async def main(settings: Settings) -> None:
    """Consume commands until cancelled."""
    async with (
        store.connect(settings.database, "storky-migrations", size=10) as pool,
        bus.connect(settings.brokers, "migrations") as broker,
        bus.connect(settings.brokers, "migrations-replies", timeout_seconds=REPLY_SECONDS) as replies,
        Appender(Log(pool)) as appender,
    ):
        handler = CommandHandler(Log(pool), appender, frozenset(settings.regions), settings.approvals)
        process.ready()
        await broker.consume(
            MIGRATIONS, CommandConsumer(replies, handler), prefetch=AT_ONCE, concurrency=AT_ONCE
        )


if __name__ == "__main__":
    process.run("migrations", Settings, main)
