"""The relay: `python -m services.relay`."""

from events import bus, store
from events.store.subscriptions import run
from services.common import process
from services.common.settings import BusSettings, DatabaseSettings
from services.relay.publisher import Relay


class Settings(DatabaseSettings, BusSettings):
    """The log to read and the broker to publish to."""


async def main(settings: Settings) -> None:
    """Publish until cancelled."""
    async with (
        store.connect(settings.database, "storky-relay", size=2) as pool,
        bus.connect(settings.brokers, "relay") as broker,
    ):
        process.ready()
        await run(pool, Relay(broker))


if __name__ == "__main__":
    process.run("relay", Settings, main)
