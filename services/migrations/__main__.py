"""The migrations service: `python -m services.migrations`."""

import asyncpg
from pydantic_settings import BaseSettings, SettingsConfigDict

from events.bus import connect
from events.bus.topology import COMMAND_QUEUE
from events.store import Appender, Log
from services.common import process
from services.migrations.consumer import CommandConsumer
from services.migrations.handler import CommandHandler

PREFETCH = 100


class Settings(BaseSettings):
    """From the environment, prefix STORKY_."""

    model_config = SettingsConfigDict(env_prefix="STORKY_")

    database_url: str
    amqp_urls: list[str]
    regions: dict[str, dict[str, str]]


async def main() -> None:
    """Consume commands until cancelled."""
    settings = Settings()
    async with (
        asyncpg.create_pool(settings.database_url, min_size=2, max_size=10) as pool,
        connect(settings.amqp_urls, "migrations") as bus,
        Appender(Log(pool)) as appender,
    ):
        handler = CommandHandler(Log(pool), appender, frozenset(settings.regions))
        process.ready()
        await bus.consume(COMMAND_QUEUE, CommandConsumer(bus, handler), prefetch=PREFETCH)


if __name__ == "__main__":
    process.run("migrations", main)
