"""Which DNS records of the custom domains have to change for their visitors to go to the new region."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import anyio

from services.common.worker.task import Outcome, Succeeded, Task
from services.routing.resolver import Kind, Resolver, UnansweredError

SECONDS = 5  # for all domains together: the app waits
AT_ONCE = 32

# What fits into a message, were each domain's zone as odd as can be.
MOST_DOMAINS = 150
MOST_RECORDS = 4

Record = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where the records have to lead: the new app's own host, and the addresses of its front."""

    host: str
    addresses: Sequence[str]

    def of(self, kind: Kind) -> list[str]:
        """Return what records of this kind have to hold."""
        if kind == "CNAME":
            return [self.host]
        version = 4 if kind == "A" else 6
        return [address for address in self.addresses if ip_address(address).version == version]


async def look_up_dns(task: Task, resolver: Resolver) -> Outcome:
    """Look at the records of each custom domain. What cannot be looked up is unknown, and no failure."""
    front = await task.destination.front()
    place = Place(f"{task.destination_app}.{front.domain}", front.addresses)
    records = await look_up([domain.name for domain in task.inventory.domains], resolver, place)
    return Succeeded({"records": records}, skipped=not records)


async def look_up(names: Sequence[str], resolver: Resolver, place: Place) -> list[Record]:
    """Return the records of the domains as they are and as they have to be, within SECONDS."""
    found: dict[str, list[Record]] = {}
    limiter = anyio.CapacityLimiter(AT_ONCE)

    async def one(name: str) -> None:
        async with limiter:
            with suppress(UnansweredError):
                found[name] = _changes(name, await _present(name, resolver), place)

    with anyio.move_on_after(SECONDS):
        async with anyio.create_task_group() as group:
            for name in names[:MOST_DOMAINS]:
                group.start_soon(one, name)
    return [record for name in names for record in found.get(name) or [_unknown(name, place)]]


async def _present(name: str, resolver: Resolver) -> dict[Kind, list[str]]:
    """Return what there is of a name: a CNAME, or else addresses."""
    if alias := await resolver.records(name, "CNAME"):
        return {"CNAME": alias}
    return {"A": await resolver.records(name, "A"), "AAAA": await resolver.records(name, "AAAA")}


def _changes(name: str, present: Mapping[Kind, Sequence[str]], place: Place) -> list[Record]:
    """Return what to change, from what to what.

    Beside addresses there can be no CNAME (as at the top of a zone), so they are replaced by addresses. A
    name without any record gets a CNAME.
    """
    if not any(present.values()):
        return [_record(name, "CNAME", [], place)]
    kinds: Sequence[Kind] = ("CNAME",) if present.get("CNAME") else ("A", "AAAA")
    return [
        _record(name, kind, present.get(kind, ()), place)
        for kind in kinds
        if present.get(kind) or (kind == "A" and place.of("A"))
    ]


def _record(name: str, kind: Kind, present: Sequence[str], place: Place) -> Record:
    wanted = place.of(kind)
    leads_there = bool(present) and set(present) <= {each.lower() for each in wanted}
    return _shown(name, kind, present, wanted, "ok" if leads_there else "change")


def _unknown(name: str, place: Place) -> Record:
    return _shown(name, "CNAME", [], place.of("CNAME"), "unknown")


def _shown(name: str, kind: Kind, present: Sequence[str], wanted: Sequence[str], status: str) -> Record:
    return {
        "domain": name,
        "type": kind,
        "from": list(present[:MOST_RECORDS]),
        "to": list(wanted[:MOST_RECORDS]),
        "status": status,
    }
