"""Clients of servers on this machine that speak HTTP without TLS."""

import ssl
from typing import Any

import httpx

# It trusts nobody. A client that may meet TLS reads the system's authorities: 30 ms of processor time each.
_NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def client(timeout_seconds: float, **options: Any) -> httpx.AsyncClient:
    """Return a client; no proxy of the environment comes between."""
    return httpx.AsyncClient(timeout=timeout_seconds, trust_env=False, verify=_NO_AUTHORITIES, **options)
