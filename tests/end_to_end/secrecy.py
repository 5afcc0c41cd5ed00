"""What must stand in no event, no message and no log."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

SHORT = 8  # characters: shorter values are ordinary words
EMAIL = re.compile(rb"[\w.+-]+@example\.com")


def kept_secrets(directory: Path) -> Iterator[bytes]:
    """Yield the passwords, keys and tokens of a system and of its servers."""
    for file in directory.rglob("secrets.json"):
        yield from (secret.encode() for secret in json.loads(file.read_text()).values())


def values(variables: Mapping[str, str]) -> Iterator[bytes]:
    """Yield what no variable's value may be seen by: itself, and the password of a URL."""
    for value in variables.values():
        if len(value) > SHORT:
            yield value.encode()
        if password := urlsplit(value).password:
            yield password.encode()


def lines(pem: str) -> Iterator[bytes]:
    """Yield the parts by which a certificate or a key would be seen."""
    yield from (line.encode() for line in pem.splitlines() if not line.startswith("-----"))


def logs(directory: Path) -> Iterator[Path]:
    """Yield the log files of a system and of its servers."""
    yield from (file for file in directory.rglob("*.log") if "mnesia" not in file.parts)


def told(text: bytes, secrets: Iterable[bytes]) -> list[bytes]:
    """Return the secrets and the e-mail addresses that a text holds."""
    return [secret for secret in secrets if secret in text] + EMAIL.findall(text)
