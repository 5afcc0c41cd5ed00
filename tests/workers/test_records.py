"""Which DNS records have to change: asked of a real name server."""

from collections.abc import Sequence
from typing import Any

import pytest

from services.routing import records
from services.routing.records import Place, look_up
from services.routing.resolver import Resolver, Server, servers
from tests.name_server import name_server

pytestmark = pytest.mark.anyio

OLD, NEW = "shop.agora-fr1.example.net", "shop.osc-fr1.example.net"
PLACE = Place(NEW, ("203.0.113.7", "2001:db8::7"))
ZONE = {
    ("www.example.com", "CNAME"): [f"{OLD}."],
    ("moved.example.com", "CNAME"): [f"{NEW.upper()}."],
    ("*.example.com", "CNAME"): [f"{OLD}."],
    ("example.com", "A"): ["198.51.100.2", "198.51.100.1"],
    ("example.org", "A"): ["203.0.113.7"],
    ("example.org", "AAAA"): ["2001:db8::1"],
    ("mail.example.com", "MX"): ["10 mail.example.net."],
}


def record(domain: str, kind: str, old: Sequence[str], new: str, status: str) -> dict[str, Any]:
    return {"domain": domain, "type": kind, "from": list(old), "to": [new], "status": status}


async def test_each_domain_is_said_with_what_it_has_and_what_it_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(records, "SECONDS", 1)
    odd = [f"{'x' * 64}.example.com", "a..example.com", "ex ample.com", "", "💥.example.com"]
    names = ["www.example.com", "moved.example.com", "*.example.com", "example.com", "example.org"]
    async with name_server(ZONE, silent=["slow.example.com"]) as server:
        resolver = Resolver([Server("127.0.0.1", server.port)])
        found = await look_up(
            [*names, "new.example.com", "mail.example.com", "slow.example.com", *odd], resolver, PLACE
        )

    assert found[:9] == [
        record("www.example.com", "CNAME", [OLD], NEW, "change"),
        record("moved.example.com", "CNAME", [NEW], NEW, "ok"),
        record("*.example.com", "CNAME", [OLD], NEW, "change"),
        record("example.com", "A", ["198.51.100.1", "198.51.100.2"], "203.0.113.7", "change"),
        record("example.org", "A", ["203.0.113.7"], "203.0.113.7", "ok"),
        record("example.org", "AAAA", ["2001:db8::1"], "2001:db8::7", "change"),
        record("new.example.com", "CNAME", [], NEW, "change"),
        record("mail.example.com", "CNAME", [], NEW, "change"),
        record("slow.example.com", "CNAME", [], NEW, "unknown"),
    ]
    assert [each["domain"] for each in found[9:]] == odd
    assert ("www.example.com", "A") not in server.asked


async def test_a_name_server_that_is_away_leaves_the_records_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "SECONDS", 0.5)
    async with name_server({}) as server:
        gone = Resolver([Server("127.0.0.1", server.port)])
    found = await look_up([f"{number}.example.com" for number in range(200)], gone, PLACE)

    assert {each["status"] for each in found} == {"unknown"}
    assert len(found) == 200


def test_name_servers_are_written_as_addresses_with_or_without_ports() -> None:
    assert servers("127.0.0.1:5353, 9.9.9.9") == (Server("127.0.0.1", 5353), Server("9.9.9.9", 53))
    assert servers("::1,[2001:db8::1]:5353") == (Server("::1", 53), Server("2001:db8::1", 5353))
    assert servers("") == ()


@pytest.mark.parametrize("text", ["dns.example.com", "9.9.9.9:port", "9.9.9.9:0", "9.9.9.9:70000"])
def test_anything_else_is_no_name_server(text: str) -> None:
    with pytest.raises(ValueError, match=r"name servers|no port"):
        servers(text)
