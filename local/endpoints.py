"""endpoints.json: how to reach a system, and the sign that it is ready.

The file is there only while everything is ready for the first time and after; each change replaces it whole.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from local import kept
from local.layout import Layout

_FILE = "endpoints.json"


@dataclass(frozen=True)
class RegionEndpoints:
    """A region's own addresses: its API (without /v1), and the front its apps are visited through.

    Its TLS certificates are trusted by whoever trusts `<region>/region/authority.pem` in the same directory.
    """

    api: str
    front: str
    front_tls: str


@dataclass(frozen=True)
class Endpoints:
    """Addresses, API tokens and process ids; `amqp` and `database` are the administrators' URLs.

    `amqp_management` is the address of the broker's management API, for the same login. `archive` is the
    folder of what is archived from the log.
    """

    gateway: str
    auth: str
    amqp: tuple[str, ...]
    amqp_management: str
    database: str
    archive: str
    tokens: Mapping[str, str]
    regions: Mapping[str, RegionEndpoints]
    processes: Mapping[str, list[int]]


def endpoints_of(layout: Layout, processes: Mapping[str, list[int]]) -> Endpoints:
    """Return the endpoints of a system."""
    return Endpoints(
        gateway=layout.gateway,
        auth=layout.gateway,
        amqp=layout.broker.admin_urls,
        amqp_management=layout.broker.management_url,
        database=layout.database.superuser_url,
        archive=str(layout.archive),
        tokens=layout.tokens,
        regions={
            name: RegionEndpoints(region.api, region.front.front_url, region.front.front_tls_url)
            for name, region in layout.regions.items()
        },
        processes=processes,
    )


def publish(directory: Path, endpoints: Endpoints) -> None:
    """Put the file in its place, readable by its owner alone: it holds passwords and tokens."""
    kept.write_private(directory / _FILE, json.dumps(asdict(endpoints), indent=2) + "\n")


def withdraw(directory: Path) -> None:
    """Remove the file, if it is there."""
    (directory / _FILE).unlink(missing_ok=True)
