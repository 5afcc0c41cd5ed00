"""Values that are chosen once and kept in a file: the ports and the secrets of a directory."""

import json
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from local.ports import free_port, hold

T = TypeVar("T", int, str)


def ports(path: Path, names: Iterable[str]) -> dict[str, int]:
    """Return the port of each name, as chosen when the name was first asked for."""
    chosen = _kept(path, names, free_port)
    for port in chosen.values():
        hold(port)
    return chosen


def passwords(path: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the secret of each name, as drawn when the name was first asked for."""
    return _kept(path, names, lambda: secrets.token_urlsafe(24))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read; whoever reads it sees the old text or the new one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    partial.rename(path)


def _kept(path: Path, names: Iterable[str], choose: Callable[[], T]) -> dict[str, T]:
    values: dict[str, T] = json.loads(path.read_text()) if path.exists() else {}
    missing = [name for name in names if name not in values]
    if missing:
        values |= {name: choose() for name in missing}
        write_private(path, json.dumps(values, indent=2) + "\n")
    return values
