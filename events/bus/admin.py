"""Install the topology through RabbitMQ's management HTTP API."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import anyio
import httpx

from events.bus import topology
from events.bus.errors import InstallError

REQUEST_SECONDS = 20
LEADER_SECONDS = 60
POLL_SECONDS = 0.1


async def install(
    management_url: str, admin_user: str, admin_password: str, vhost: str, users: Mapping[str, str]
) -> None:
    """Create the vhost, the topology in it, and the users (name -> password) with their permissions.

    Doing it again changes nothing but passwords and permissions, which become what is given here. Returns
    when every queue has a leader. Raises InstallError, and ValueError for a user of ours that does not exist.
    """
    definitions = _topology(vhost) | _access(vhost, users)
    async with httpx.AsyncClient(
        base_url=management_url,
        auth=(admin_user, admin_password),
        timeout=REQUEST_SECONDS,
        trust_env=False,
        verify=management_url.startswith("https"),  # reading the authorities takes longer than the calls
    ) as client:
        await _send(client, "POST", "/api/definitions", definitions)
        await _leaders(client, vhost)


def _topology(vhost: str) -> dict[str, Any]:
    durable = {"vhost": vhost, "durable": True, "auto_delete": False}
    return {
        "exchanges": [
            {"name": name, "type": kind, "internal": False, "arguments": {}} | durable
            for name, kind in topology.EXCHANGES.items()
        ],
        "queues": [
            {"name": name, "arguments": dict(arguments)} | durable
            for name, arguments in topology.QUEUES.items()
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
            for binding in topology.BINDINGS
        ],
    }


def _access(vhost: str, users: Mapping[str, str]) -> dict[str, Any]:
    grants = {user: topology.grant_for(user) for user in users}
    return {
        "vhosts": [{"name": vhost}],
        "users": [{"name": user, "password": password, "tags": ""} for user, password in users.items()],
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


async def _leaders(client: httpx.AsyncClient, vhost: str) -> None:
    """Wait until each queue of ours is there as declared and has a leader."""
    with anyio.move_on_after(LEADER_SECONDS):
        while missing := await _without_leader(client, vhost):
            await anyio.sleep(POLL_SECONDS)
        return
    raise InstallError(f"no leader after {LEADER_SECONDS} s for the queues {', '.join(sorted(missing))}")


async def _without_leader(client: httpx.AsyncClient, vhost: str) -> set[str]:
    path = f"/api/queues/{quote(vhost, safe='')}?columns=name,arguments,leader"
    answer = await _send(client, "GET", path)
    found = {queue["name"]: queue for queue in answer.json()}
    for name, arguments in topology.QUEUES.items():
        if name in found and found[name]["arguments"] != arguments:
            raise InstallError(
                f"the queue {name} exists with other arguments: empty it, delete it, install again"
            )
    return {name for name in topology.QUEUES if not found.get(name, {}).get("leader")}


async def _send(
    client: httpx.AsyncClient, method: str, path: str, body: dict[str, Any] | None = None
) -> httpx.Response:
    try:
        answer = await client.request(method, path, json=body)
    except httpx.TransportError as error:
        raise InstallError(f"RabbitMQ's management API does not answer ({type(error).__name__})") from error
    if answer.is_error:
        raise InstallError(f"RabbitMQ answered {answer.status_code} to {method} {path}: {_reason(answer)}")
    return answer


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("reason", "no reason given"))
    except ValueError:
        return "no reason given"
