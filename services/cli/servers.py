"""The servers that the operator's commands talk to: of a local system, else those of the environment."""

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog

from events.vocabulary import OPERATOR
from local import kept
from local.backing import AMQP_URLS, DATABASE_URL, MANAGEMENT_URL, Broker, Database, amqp_urls
from local.errors import LocalError
from services.cli.connection import ENDPOINTS
from services.cli.errors import CliError

# Standard output is the result's; what goes wrong is said by an error, and by nobody else.
logging.getLogger().addHandler(logging.NullHandler())
structlog.configure(logger_factory=structlog.ReturnLoggerFactory())


@dataclass(frozen=True)
class Administrator:
    """The broker's management API, with the login of somebody who may do everything there."""

    url: str
    user: str
    password: str
    vhost: str


def operator_urls(directory: Path | None) -> list[str]:
    """Return the broker's URLs for the operator; raises CliError."""
    if local := _local(directory):
        assert directory is not None
        secret = f"broker/{OPERATOR}"
        password = kept.passwords(directory / "secrets.json", [secret])[secret]
        return _broker(local).urls(OPERATOR, password)
    if given := os.environ.get(AMQP_URLS):
        return list(_amqp_urls(given))
    raise CliError(
        f"No broker is known: give the --dir of a running system, or set {AMQP_URLS} to {OPERATOR}'s URLs."
    )


def administrator(directory: Path | None) -> Administrator:
    """Return how to reach the broker's management API; raises CliError."""
    if local := _local(directory):
        broker = _broker(local)
        return Administrator(broker.management_url, *broker.admin_login, broker.vhost)
    (first, *_) = operator_urls(directory)
    parts = urlsplit(os.environ.get(MANAGEMENT_URL, ""))
    if parts.scheme not in {"http", "https"} or not parts.hostname or not parts.username:
        raise CliError(
            f"Set {MANAGEMENT_URL} to the broker's management address with an administrator's login: "
            "https://USER:PASSWORD@HOST:15671."
        )
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    login = (unquote(parts.username), unquote(parts.password or ""))
    return Administrator(address, *login, Broker((first,), address).vhost)


def database_url(directory: Path | None) -> str:
    """Return the URL of the log's database; raises CliError."""
    if local := _local(directory):
        return str(local["database"])
    try:
        given = Database.given(os.environ)
    except LocalError as error:
        raise CliError(str(error)) from None
    if given is None:
        raise CliError(
            f"No database is known: give the --dir of a running system, or set {DATABASE_URL} to the URL of "
            "a login that may read the events."
        )
    return given.superuser_url


def archive_folder(directory: Path | None) -> Path | None:
    """Return where the log's archives are; None if nothing says so."""
    if local := _local(directory):
        return Path(local["archive"])
    return Path(given) if (given := os.environ.get("STORKY_ARCHIVE")) else None


def _local(directory: Path | None) -> dict[str, Any] | None:
    if directory and (endpoints := directory / ENDPOINTS).exists():
        known: dict[str, Any] = json.loads(endpoints.read_text())
        return known
    return None


def _broker(local: dict[str, Any]) -> Broker:
    return Broker(tuple(local["amqp"]), local["amqp_management"])


def _amqp_urls(text: str) -> tuple[str, ...]:
    try:
        return amqp_urls(text)
    except LocalError as error:
        raise CliError(str(error)) from None
