"""Install what the services find: the log's schema with its logins, the broker's topology with its users.

`python -m local.install` does it once, configured by the environment; doing it again changes nothing but
passwords, which become what is given.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import anyio
import asyncpg
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from events.bus import BusError, admin
from events.store.schema import SchemaChangedError, create_login, upgrade
from local.backing import Broker, Database
from local.errors import LocalError

# The login of each service that reads or writes the database, and the role that says what it may do.
DATABASE_LOGINS: Mapping[str, str] = {
    "storky_migrations": "storky_writer",
    "storky_relay": "storky_subscriber",
    "storky_projector": "storky_projection_writer",
    "storky_gateway": "storky_token_keeper",
    "storky_timers": "storky_viewer",
    "storky_webhooks": "storky_webhook_sender",
}
BROKER_USERS = (
    "storky-migrations",
    "storky-relay",
    "storky-timers",
    "storky-gateway",
    "storky-apps",
    "storky-addons",
    "storky-routing",
    "storky-operator",
)


class InstallationError(LocalError):
    """The database or the broker did not become what the services need."""


async def install(
    database: Database,
    broker: Broker,
    database_passwords: Mapping[str, str],
    broker_passwords: Mapping[str, str],
) -> None:
    """Bring the database and the broker to this release, with a login for each of the names above.

    Raises InstallationError.
    """
    with _explained("database"):
        await upgrade(database.superuser_url)
        for login, role in DATABASE_LOGINS.items():
            await create_login(database.superuser_url, login, database_passwords[login], role)
    with _explained("broker"):
        users = {user: broker_passwords[user] for user in BROKER_USERS}
        await admin.install(broker.management_url, *broker.admin_login, broker.vhost, users)


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, SchemaChangedError, BusError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise InstallationError(f"The {what} could not be prepared for storky: {reason}") from error


class Settings(BaseSettings):
    """From the environment, prefix STORKY_; the passwords are JSON objects, login -> password."""

    model_config = SettingsConfigDict(env_prefix="STORKY_", hide_input_in_errors=True)

    database_url: SecretStr
    amqp_urls: tuple[SecretStr, ...]
    amqp_management_url: str
    database_passwords: dict[str, SecretStr]
    broker_passwords: dict[str, SecretStr]


async def main() -> None:
    """Install what the environment describes."""
    settings = Settings()
    await install(
        Database(settings.database_url.get_secret_value()),
        Broker(tuple(url.get_secret_value() for url in settings.amqp_urls), settings.amqp_management_url),
        _revealed(settings.database_passwords),
        _revealed(settings.broker_passwords),
    )


def _revealed(passwords: Mapping[str, SecretStr]) -> dict[str, str]:
    return {login: password.get_secret_value() for login, password in passwords.items()}


if __name__ == "__main__":
    try:
        anyio.run(main)
    except LocalError as error:
        sys.exit(f"storky: {error}")
