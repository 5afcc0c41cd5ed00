"""Which gateway to talk to, and with which API token."""

import json
from dataclasses import dataclass
from pathlib import Path

from services.cli.errors import CliError

ENDPOINTS = "endpoints.json"  # written by `storky up` into its folder


@dataclass(frozen=True)
class Connection:
    """A gateway's address, and the API token of a user."""

    url: str
    api_token: str


def find(directory: Path | None, url: str | None, api_token: str | None, user: str = "owner") -> Connection:
    """Return the connection of a folder of `storky up`, else that of STORKY_URL and STORKY_TOKEN.

    `user` is whose token is taken in a folder: owner, operator or auditor.
    """
    if directory is not None:
        return _of_folder(directory, user)
    if url and api_token:
        return Connection(url.rstrip("/"), api_token)
    raise CliError(
        "No gateway is known: give the folder of `storky up` with --dir (or STORKY_DIR), "
        "or set STORKY_URL and STORKY_TOKEN."
    )


def _of_folder(directory: Path, user: str) -> Connection:
    path = directory / ENDPOINTS
    try:
        endpoints = json.loads(path.read_text())
        return Connection(str(endpoints["gateway"]).rstrip("/"), str(endpoints["tokens"][user]))
    except FileNotFoundError:
        raise CliError(f"{path} does not exist: is `storky up --dir {directory}` running?") from None
    except (ValueError, KeyError, TypeError):
        raise CliError(f"{path} is damaged: stop `storky up`, and start it again.") from None
