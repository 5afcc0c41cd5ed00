"""The URL of a log drain: given, or derived from what its type needs. A derived URL's scheme is the type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

# What each type needs; `elk` is told by its URL, as is a drain without any type.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "syslog": ("host", "port"),
    "papertrail": ("host", "port"),
    "ovh-graylog": ("host", "token"),
    "datadog": ("token", "drain_region"),
    "logentries": ("token",),
    "logtail": ("token",),
    "appsignal": ("token",),
    "elk": ("url",),
}
HIDDEN = "***"

_HOSTS = {
    "logentries": "data.logentries.com",
    "logtail": "in.logtail.com",
    "appsignal": "appsignal-endpoint.net",
}


class DrainError(ValueError):
    """Something that describes a drain is missing or wrong."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True)
class Target:
    """Where lines are to be sent, as its type describes it."""

    type: str | None = None
    url: str | None = field(default=None, repr=False)
    host: str | None = None
    port: int | None = None
    token: str | None = field(default=None, repr=False)
    drain_region: str | None = None


def url_of(target: Target) -> str:
    """Return the URL of a drain; raises DrainError, whose text quotes nothing of it."""
    kind = target.type
    if kind is not None and kind not in NEEDS:
        raise DrainError("type", f"is none of {', '.join(NEEDS)}")
    for needed in NEEDS[kind] if kind else ("url",):
        if not getattr(target, needed):
            raise DrainError(needed, f"a drain of type {kind} needs it" if kind else "say a type, or a URL")
    if kind in (None, "elk"):
        return _checked(target.url or "")
    host = target.host or target.drain_region or _HOSTS[kind]
    token = f":{quote(target.token, safe='')}@" if target.token else ""
    return _checked(f"{kind}://{token}{host}{f':{target.port}' if target.port else ''}")


def shown(url: str) -> str:
    """Return a drain's URL for people: without whatever lets one write there."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    netloc = f"{HIDDEN}@{host}" if at and user else host
    return parts._replace(netloc=netloc, query=HIDDEN if parts.query else "").geturl()


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        whole = bool(parts.scheme and parts.hostname and parts.port != 0)
    except ValueError:
        whole = False
    if not whole or any(character.isspace() for character in url):
        raise DrainError("url", "is not an address to send lines to, such as syslog://logs.example.com:514")
    return url
