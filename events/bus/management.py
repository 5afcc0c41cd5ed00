"""RabbitMQ's management HTTP API, as far as storky needs it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import anyio
import httpx

from events.bus.errors import InstallError
from events.bus.topology import Binding, Grant

REQUEST_SECONDS = 20
LEADER_SECONDS = 60
POLL_SECONDS = 0.1

Queues = Mapping[str, Mapping[str, Any]]  # name -> arguments


class Management:
    """The API of one broker, for one virtual host. Every method raises InstallError."""

    def __init__(self, client: httpx.AsyncClient, vhost: str) -> None:
        """Use a client with the API's address and an administrator's login."""
        self._client = client
        self.vhost = vhost

    async def call(
        self,
        method: str,
        *path: str,
        body: dict[str, Any] | None = None,
        columns: str | None = None,
        known: bool = True,
    ) -> httpx.Response:
        """Return the answer, of a list these columns; unless `known`, there may be no such thing."""
        place = "/".join(("/api", *(quote(part, safe="") for part in path)))
        try:
            answer = await self._client.request(
                method, place, json=body, params={"columns": columns} if columns else None
            )
        except httpx.TransportError as error:
            raise InstallError(
                f"RabbitMQ's management API does not answer ({type(error).__name__})"
            ) from error
        if answer.is_error and (known or answer.status_code != httpx.codes.NOT_FOUND):
            raise InstallError(
                f"RabbitMQ answered {answer.status_code} to {method} {place}: {_reason(answer)}"
            )
        return answer

    async def define(self, *parts: Mapping[str, Any]) -> None:
        """Create what these definitions describe; what is there already stays as it is."""
        body = {kind: things for part in parts for kind, things in part.items()}
        await self.call("POST", "definitions", body=body)

    async def leaders(self, queues: Queues) -> None:
        """Wait until each of these queues is there as described and has a leader."""
        with anyio.move_on_after(LEADER_SECONDS):
            while missing := await self._without_leader(queues):
                await anyio.sleep(POLL_SECONDS)
            return
        raise InstallError(f"no leader after {LEADER_SECONDS} s for the queues {', '.join(sorted(missing))}")

    async def _without_leader(self, queues: Queues) -> set[str]:
        answer = await self.call("GET", "queues", self.vhost, columns="name,arguments,leader")
        found = {queue["name"]: queue for queue in answer.json()}
        for name, arguments in queues.items():
            if name in found and found[name]["arguments"] != arguments:
                raise InstallError(
                    f"the queue {name} exists with other arguments: empty it, delete it, install again"
                )
        return {name for name in queues if not found.get(name, {}).get("leader")}


@asynccontextmanager
async def management(url: str, user: str, password: str, vhost: str) -> AsyncIterator[Management]:
    """Yield the API at this address, for the block."""
    async with httpx.AsyncClient(
        base_url=url,
        auth=(user, password),
        timeout=REQUEST_SECONDS,
        trust_env=False,
        verify=url.startswith("https"),  # reading the authorities takes longer than the calls
    ) as client:
        yield Management(client, vhost)


def described(
    vhost: str, exchanges: Mapping[str, str], queues: Queues, bindings: Sequence[Binding]
) -> dict[str, Any]:
    """Return exchanges (name -> type), queues and bindings as definitions."""
    durable = {"vhost": vhost, "durable": True, "auto_delete": False}
    return {
        "exchanges": [
            {"name": name, "type": kind, "internal": False, "arguments": {}} | durable
            for name, kind in exchanges.items()
        ],
        "queues": [
            {"name": name, "arguments": dict(arguments)} | durable for name, arguments in queues.items()
        ],
        "bindings": [
            {
                "vhost": vhost,
                "source": binding.exchange,
                "routing_key": binding.key,
                "destination": binding.queue,
                "destination_type": "queue",
                "arguments": {},
            }
            for binding in bindings
        ],
    }


def logins(passwords: Mapping[str, str], tag: str = "") -> dict[str, Any]:
    """Return users with their passwords as definitions."""
    return {
        "users": [{"name": user, "password": password, "tags": tag} for user, password in passwords.items()]
    }


def permissions(vhost: str, grants: Mapping[str, Grant]) -> dict[str, Any]:
    """Return what users may do as definitions."""
    return {
        "permissions": [
            {
                "vhost": vhost,
                "user": user,
                "configure": grant.configure_pattern,
                "write": grant.write_pattern,
                "read": grant.read_pattern,
            }
            for user, grant in grants.items()
        ],
        "topic_permissions": [
            {"vhost": vhost, "user": user, "exchange": exchange, "write": pattern, "read": "^$"}
            for user, grant in grants.items()
            for exchange, pattern in grant.topics.items()
        ],
    }


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("reason", "no reason given"))
    except ValueError:
        return "no reason given"
