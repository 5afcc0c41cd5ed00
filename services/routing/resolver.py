"""Asking the domain name system, within a few seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal

import dns.asyncresolver
import dns.exception
import dns.nameserver
import dns.resolver

SECONDS = 4  # for one question, all tries together
PORT = 53
LAST_PORT = 65_535

Kind = Literal["CNAME", "A", "AAAA"]


class UnansweredError(Exception):
    """Nobody who knows has answered: what the records are is unknown."""


@dataclass(frozen=True)
class Server:
    """A name server, by its IP address."""

    address: str
    port: int = PORT


@dataclass(frozen=True)
class Resolver:
    """The name servers to ask; without any, those of this machine."""

    servers: Sequence[Server] = ()

    async def records(self, name: str, kind: Kind) -> list[str]:
        """Return a name's records of one kind, sorted, without final dots; raises UnansweredError."""
        try:
            answer = await self._resolver().resolve(name, kind, lifetime=SECONDS, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, UnicodeError):
            raise UnansweredError from None
        return sorted(record.to_text().rstrip(".").lower() for record in answer)

    def _resolver(self) -> dns.asyncresolver.Resolver:
        resolver = dns.asyncresolver.Resolver(configure=not self.servers)
        if self.servers:
            resolver.nameservers = [
                dns.nameserver.Do53Nameserver(each.address, each.port) for each in self.servers
            ]
        return resolver


def servers(text: str) -> tuple[Server, ...]:
    """Read a list of `address` or `address:port` with commas between; raises ValueError."""
    return tuple(_server(each.strip()) for each in text.split(",") if each.strip())


def _server(text: str) -> Server:
    address, colon, port = text.rpartition(":")
    if not colon or (":" in address and not address.endswith("]")):
        address, port = text, str(PORT)  # no port: an IPv6 address has colons of its own
    try:
        server = Server(str(ip_address(address.strip("[]"))), int(port))
    except ValueError:
        raise ValueError("write IP addresses of name servers, as in 9.9.9.9 or 127.0.0.1:5353") from None
    if not 0 < server.port <= LAST_PORT:
        raise ValueError(f"there is no port {server.port}")
    return server
