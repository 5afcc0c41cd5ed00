"""A name server of the tests, on a port of its own."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from anyio.abc import SocketAttribute, UDPSocket

Zone = Mapping[tuple[str, str], Sequence[str]]  # (name without final dot, type) -> texts of the records


@dataclass
class NameServer:
    """Answers for its zone; any other name does not exist, and about `silent` ones it says nothing."""

    zone: Zone
    silent: Collection[str] = ()
    port: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def answer(self, packet: bytes) -> bytes | None:
        query = dns.message.from_wire(packet)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        response = dns.message.make_response(query, recursion_available=True)
        if texts := self.zone.get((name, kind)):
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *texts))
        elif name not in {known for known, _ in self.zone}:
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire()

    async def serve(self, socket: UDPSocket) -> None:
        async for packet, (host, port) in socket:
            if answer := self.answer(packet):
                await socket.sendto(answer, host, port)


@asynccontextmanager
async def name_server(zone: Zone, silent: Collection[str] = ()) -> AsyncIterator[NameServer]:
    """Run a name server while the block lasts."""
    async with await anyio.create_udp_socket(local_host="127.0.0.1") as socket:
        _, port = socket.extra_attributes[SocketAttribute.local_address]()
        server = NameServer(zone, silent, port)
        async with anyio.create_task_group() as group:
            group.start_soon(server.serve, socket)
            yield server
            group.cancel_scope.cancel()
