"""The migrations service: `python -m services.migrations`."""

from pydantic_settings import BaseSettings, SettingsConfigDict

from events import bus, store
from events.bus.topology import MIGRATIONS
from events.store import Appender, Log
from services.common import process
from services.migrations.consumer import CommandConsumer
from services.migrations.handler import CommandHandler

AT_ONCE = 100  # commands decided about at the same time: they share appends


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
        store.connect(settings.database_url, "storky-migrations", size=10) as pool,
        bus.connect(settings.amqp_urls, "migrations") as broker,
        Appender(Log(pool)) as appender,
    ):
        handler = CommandHandler(Log(pool), appender, frozenset(settings.regions))
        process.ready()
        await broker.consume(
            MIGRATIONS, CommandConsumer(broker, handler), prefetch=AT_ONCE, concurrency=AT_ONCE
        )


if __name__ == "__main__":
    process.run("migrations", main)
