"""Webhooks: `python -m services.webhooks`."""

import anyio
from pydantic import Field

from events import store
from events.store.archive import Archive
from services.common import process
from services.common.sealing import Seal
from services.common.settings import DatabaseSettings
from services.common.webhooks import Targets, WebhookSettings
from services.webhooks.deliveries import Deliveries
from services.webhooks.posting import Poster, connections
from services.webhooks.recording import record
from services.webhooks.sending import Patience, Sender

CONNECTIONS = 5  # to the database: one follows the log


class Settings(DatabaseSettings, WebhookSettings):
    """Where webhooks may go, and how long they are tried."""

    webhook_timeout_seconds: float = Field(default=10, gt=0)
    webhook_first_retry_seconds: float = Field(default=5, gt=0)
    webhook_longest_retry_seconds: float = Field(default=3600, gt=0)
    webhook_period_seconds: float = Field(default=24 * 3600, gt=0)

    @property
    def patience(self) -> Patience:
        """How long webhooks are tried."""
        return Patience(
            timeout=self.webhook_timeout_seconds,
            first=self.webhook_first_retry_seconds,
            longest=self.webhook_longest_retry_seconds,
            period=self.webhook_period_seconds,
        )


async def main(settings: Settings) -> None:
    """Record and send until cancelled."""
    targets, seal = Targets.of(settings), Seal(settings.webhook_key.get_secret_value())
    async with (
        store.connect(settings.database, "storky-webhooks", size=CONNECTIONS) as pool,
        connections(targets) as http,
        anyio.create_task_group() as group,
    ):
        poster = Poster(http, targets, seal, settings.webhook_timeout_seconds)
        group.start_soon(Sender(Deliveries(pool), poster, settings.patience).run)
        group.start_soon(record, pool, Archive(settings.archive))
        process.ready()


if __name__ == "__main__":
    process.run("webhooks", Settings, main)
