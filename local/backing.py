"""The database and the broker of a system, whether they are its own or were given: addresses and logins."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, unquote, urlsplit

from local.errors import LocalError

DATABASE_URL = "STORKY_DATABASE_URL"
AMQP_URLS = "STORKY_AMQP_URLS"
MANAGEMENT_URL = "STORKY_AMQP_MANAGEMENT_URL"


@dataclass(frozen=True)
class Database:
    """The server that holds the log, by its superuser's URL."""

    superuser_url: str

    @classmethod
    def given(cls, environ: Mapping[str, str]) -> Self | None:
        """Return the database the environment names, if it names one; raises LocalError for no URL."""
        if DATABASE_URL not in environ:
            return None
        _check(DATABASE_URL, environ[DATABASE_URL], ("postgresql", "postgres"))
        return cls(environ[DATABASE_URL])

    def url(self, user: str, password: str) -> str:
        """Return the URL of another user."""
        return _with_login(self.superuser_url, user, password)


@dataclass(frozen=True)
class Broker:
    """A RabbitMQ node, or the nodes of a cluster, by the administrator's URLs."""

    admin_urls: tuple[str, ...]
    management_url: str

    @classmethod
    def given(cls, environ: Mapping[str, str]) -> Self | None:
        """Return the broker the environment names, if it names one; raises LocalError for half a name."""
        names = {AMQP_URLS, MANAGEMENT_URL} & environ.keys()
        if not names:
            return None
        if len(names) == 1:
            raise LocalError(f"{AMQP_URLS} and {MANAGEMENT_URL} belong together: set both, or none.")
        _check(MANAGEMENT_URL, environ[MANAGEMENT_URL], ("http", "https"))
        return cls(amqp_urls(environ[AMQP_URLS]), environ[MANAGEMENT_URL])

    @property
    def admin_login(self) -> tuple[str, str]:
        """The administrator's name and password."""
        parts = urlsplit(self.admin_urls[0])
        return unquote(parts.username or "guest"), unquote(parts.password or "guest")

    @property
    def vhost(self) -> str:
        """The virtual host."""
        return unquote(urlsplit(self.admin_urls[0]).path[1:]) or "/"

    def urls(self, user: str, password: str) -> list[str]:
        """Return the URLs of another user."""
        return [_with_login(url, user, password) for url in self.admin_urls]


def _with_login(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{quote(user)}:{quote(password, safe='')}@{address}").geturl()


def amqp_urls(text: str) -> tuple[str, ...]:
    """Return the URLs that STORKY_AMQP_URLS holds; raises LocalError."""
    try:
        urls = tuple(map(str, json.loads(text)))
    except (ValueError, TypeError):
        urls = ()
    if not urls:
        raise LocalError(f'{AMQP_URLS} must be a JSON list, such as ["amqp://user:password@host/"].')
    for url in urls:
        _check(AMQP_URLS, url, ("amqp", "amqps"))
    return urls


def _check(variable: str, url: str, schemes: tuple[str, ...]) -> None:
    # The URL itself is not told: it may hold a password.
    parts = urlsplit(url)
    if parts.scheme not in schemes or not parts.hostname:
        raise LocalError(f"{variable} needs URLs that begin with {schemes[0]}:// and name a host.")
