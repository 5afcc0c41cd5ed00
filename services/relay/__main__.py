"""The relay: `python -m services.relay`."""

from pydantic_settings import BaseSettings, SettingsConfigDict

from events import bus, store
from events.store.subscriptions import run
from services.common import process
from services.relay.publisher import Relay


class Settings(BaseSettings):
    """From the environment, prefix STORKY_."""

    model_config = SettingsConfigDict(env_prefix="STORKY_")

    database_url: str
    amqp_urls: list[str]


async def main() -> None:
    """Publish until cancelled."""
    settings = Settings()
    async with (
        store.connect(settings.database_url, "storky-relay", size=2) as pool,
        bus.connect(settings.amqp_urls, "relay") as broker,
    ):
        process.ready()
        await run(pool, Relay(broker))


if __name__ == "__main__":
    process.run("relay", main)
