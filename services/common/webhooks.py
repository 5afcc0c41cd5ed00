"""What the gateway, which is told of webhooks, and the service that sends them have to agree on."""

from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from socket import inet_aton
from typing import Self
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, IPvAnyNetwork, SecretStr

from services.common.settings import ServiceSettings

SECRET_PREFIX = "whsec_"  # noqa: S105 - of Standard Webhooks; the key follows, in base64
LONGEST_URL = 2000  # characters
_NAT64 = IPv6Network("64:ff9b::/96")
_TUNNELS = (
    IPv6Network("2001::/32"),
    IPv6Network("2002::/16"),
)  # lead to IPv4 addresses, as whoever made them likes

Address = IPv4Address | IPv6Address


class TargetError(Exception):
    """No webhook goes there; the text says why, and nothing of the URL but its host."""


class WebhookSettings(ServiceSettings):
    """The key that URLs and secrets are sealed with, and what is allowed beside https to public addresses."""

    webhook_key: SecretStr = Field(min_length=32)
    webhook_http: bool = False
    webhook_networks: tuple[IPvAnyNetwork, ...] = ()


class Targets:
    """Where webhooks may go: not wherever this machine can reach, and others cannot."""

    def __init__(self, networks: Sequence[IPv4Network | IPv6Network], *, http: bool) -> None:
        self._networks = networks
        self._schemes = ("https", "http") if http else ("https",)

    @classmethod
    def of(cls, settings: WebhookSettings) -> Self:
        """Return what the settings allow."""
        return cls(settings.webhook_networks, http=settings.webhook_http)

    def host(self, url: str) -> str:
        """Return a URL's host; raises TargetError when webhooks cannot go there, whatever its name means."""
        host = self._split(url).hostname
        assert host
        if address := _address(host):
            self.check(address)
        return host

    def check(self, address: Address) -> None:
        """Raise TargetError when webhooks may not go to this address."""
        if any(address in network for network in self._networks) or _is_public(address):
            return
        raise TargetError(f"{address} is not a public address; STORKY_WEBHOOK_NETWORKS allows others")

    def _split(self, url: str) -> SplitResult:
        if not (url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL):
            raise TargetError(f"a URL is at most {LONGEST_URL} ASCII characters, none of them a space")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise TargetError("this is no URL") from None
        if parts.scheme not in self._schemes:
            begins = " or ".join(f"{scheme}://" for scheme in self._schemes)
            raise TargetError(f"the URL must begin with {begins}")
        if not parts.hostname or port == 0:
            raise TargetError("the URL names no host, or no port that there is")
        if "@" in parts.netloc or "#" in url:
            raise TargetError("the URL may have no user, no password and no fragment")
        return parts


def _address(host: str) -> Address | None:
    """Return the address that a host is; None for a name."""
    with suppress(ValueError):
        return ip_address(host)
    with suppress(OSError):
        return IPv4Address(
            inet_aton(host)
        )  # such as 2130706433 and 0x7f.1, which connecting understands, too
    return None


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return _is_public(address.ipv4_mapped)
        if address in _NAT64:
            return _is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address.is_site_local or any(address in tunnel for tunnel in _TUNNELS):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
