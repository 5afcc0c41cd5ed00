"""The relay: `python -m services.relay`."""

import asyncpg
from pydantic_settings import BaseSettings, SettingsConfigDict

from events.bus import connect
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
        asyncpg.create_pool(settings.database_url, min_size=1, max_size=3) as pool,
        connect(settings.amqp_urls, "relay") as bus,
    ):
        process.ready()
        await run(pool, Relay(bus))


if __name__ == "__main__":
    process.run("relay", main)
