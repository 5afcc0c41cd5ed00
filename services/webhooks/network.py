"""Connections to addresses that were checked.

A name is looked up here, once for each connection, and the connection is made to what was found and checked:
a name that means another address a moment later (DNS rebinding) leads nowhere else.
"""

import socket
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

import anyio
import anyio.to_thread
import httpcore

from services.common.webhooks import TargetError, Targets

_LOOKUPS = 100  # at once; one of a name server that hangs takes a thread with it for a while
_NEXT_SECONDS = 3.0  # until the next address of a host is tried


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """The network of a connection pool, as far as webhooks may go."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._network = httpcore.AnyIOBackend()
        self._lookups = anyio.CapacityLimiter(_LOOKUPS)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that answers.

        Raises TargetError when one of its addresses is not allowed, or it has none, and what httpcore raises.
        """
        *others, last = await self._addresses(host, port)
        for address in others:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._network.connect_tcp(
                    address, port, _NEXT_SECONDS, local_address, socket_options
                )
        return await self._network.connect_tcp(last, port, timeout, local_address, socket_options)

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = await anyio.to_thread.run_sync(
                lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM),
                abandon_on_cancel=True,
                limiter=self._lookups,
            )
        except (OSError, UnicodeError):
            raise TargetError(f"the name {host} has no address") from None
        addresses = [str(address[0]) for *_, address in found]
        for address in addresses:
            self._targets.check(ip_address(address))
        return addresses
