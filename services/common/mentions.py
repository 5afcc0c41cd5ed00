"""Which environment variables still speak of the source: their owner has to know."""

from collections.abc import Collection, Iterator, Sequence
from urllib.parse import urlsplit

from regions.model import Variable

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
SHORTEST_NAME = 6  # a database's name below this length is found everywhere by chance


def mentions_of_source(variables: Sequence[Variable], provided: Collection[str], host: str) -> list[str]:
    """Return the names of the other variables whose value holds an address of the source.

    That is the app's own host there, or the host and port, or the name, of a database whose URL an addon
    provides. A database's new name breaks such values without a word; their owner has to know.
    """
    urls = [variable.value for variable in variables if variable.name in provided]
    addresses = {host, *(address for url in urls for address in addresses_in(url))}
    return sorted(
        variable.name
        for variable in variables
        if variable.name not in provided and any(address in variable.value for address in addresses)
    )


def addresses_in(value: str) -> Iterator[str]:
    """Yield what of a URL would show that another value speaks of the same server or database."""
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        return  # no URL
    if not (parts.scheme and host):
        return
    if port:
        yield f"{host}:{port}"
    if host not in LOCAL_HOSTS:
        yield host
    if len(name := parts.path.strip("/")) >= SHORTEST_NAME:
        yield name
