"""Fronts as the tests make them, and how to ask them for a host."""

from local.caddy import CaddyServer
from services.region.machinery.front import Front
from services.region.machinery.front_config import Listeners

KEY = "a-key-of-the-platform"


def front_of(caddy: CaddyServer, region: str = "somewhere") -> Front:
    return Front(caddy.admin_url, Listeners(region, caddy.front_url, caddy.front_tls_url, KEY))


def to(host: str, **headers: str) -> dict[str, str]:
    return {"Host": host, **headers}
