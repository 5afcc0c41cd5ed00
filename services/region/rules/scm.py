"""Repositories: whose they are and what they are called, by their address."""

from urllib.parse import urlsplit

_TYPES = {"github.com": "github", "gitlab.com": "gitlab"}


def repository(url: str) -> tuple[str, str]:
    """Return the owner and the name of the repository at an address; raises ValueError when it is none."""
    parts = urlsplit(url)
    owner, _, name = parts.path.strip("/").rpartition("/")
    name = name.removesuffix(".git")
    if parts.scheme not in ("http", "https") or not parts.hostname or not (owner and name):
        raise ValueError("write an address such as https://github.com/owner/repository")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("write the repository's address without any credential, query or fragment")
    return owner, name


def kind_of_host(url: str) -> str | None:
    """Return what the repository's host is; None for one of somebody's own."""
    return _TYPES.get(urlsplit(url).hostname or "")
