"""Settings: from the environment, every name with the prefix STORKY_; secrets are never shown."""

import sys
from pathlib import Path
from typing import TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

S = TypeVar("S", bound=BaseSettings)


class ServiceSettings(BaseSettings):
    """What the settings of all services have in common."""

    # Whoever starts us wrongly is told which field is wrong, not the secret that is in it.
    model_config = SettingsConfigDict(env_prefix="STORKY_", hide_input_in_errors=True)


class DatabaseSettings(ServiceSettings):
    """The log's database, with the service's own login."""

    database_url: SecretStr
    archive: Path | None = Field(default=None, description="The folder of what was archived from the log.")

    @property
    def database(self) -> str:
        """The URL to connect to."""
        return self.database_url.get_secret_value()


class BusSettings(ServiceSettings):
    """The broker, with the service's own user."""

    amqp_urls: list[SecretStr] = Field(min_length=1, description="The broker's nodes, tried in turn.")

    @property
    def brokers(self) -> list[str]:
        """The URLs to connect to."""
        return [url.get_secret_value() for url in self.amqp_urls]


def read(kind: type[S]) -> S:
    """Return the settings of the environment; exits with a sentence on what is wrong, without values."""
    try:
        return kind()
    except ValidationError as error:
        prefix = str(kind.model_config["env_prefix"])
        problems = [f"{_name(prefix, *each['loc'])}: {each['msg']}" for each in error.errors()]
    except SettingsError as error:
        problems = [f"{error}: it must be JSON"]
    sys.exit(f"storky: the environment is incomplete or wrong. {'; '.join(problems)}.")


def _name(prefix: str, variable: object = "", *inside: object) -> str:
    """Return a variable's name, and the place in its value."""
    return ".".join([f"{prefix}{variable}".upper(), *map(str, inside)])
