"""Fronts of two regions, and certificates of an authority of ours."""

import ssl
from dataclasses import dataclass

import httpx

from local.caddy import CaddyServer
from services.region.machinery.front import Front
from services.region.machinery.front_config import Listeners

KEY = "a-key-of-the-platform"


def front_of(caddy: CaddyServer, region: str = "somewhere") -> Front:
    return Front(caddy.admin_url, Listeners(region, caddy.front_url, caddy.front_tls_url, KEY))


def to(host: str, **headers: str) -> dict[str, str]:
    return {"Host": host, **headers}


@dataclass(frozen=True)
class Visitor:
    """Asks a front over TLS, by a host name, trusting one authority."""

    front: CaddyServer
    trust: ssl.SSLContext

    async def get(self, host: str, path: str = "/", **headers: str) -> httpx.Response:
        async with httpx.AsyncClient(timeout=30, trust_env=False, verify=self.trust) as client:
            return await client.get(
                f"{self.front.front_tls_url}{path}",
                headers=to(host, **headers),
                extensions={"sni_hostname": host},
            )
