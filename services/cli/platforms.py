"""Internal platforms: their policies in the log, their users and queues at the broker."""

import secrets
from pathlib import Path
from typing import Any
from uuid import uuid4

import anyio
from rich.console import Console

from events.bus import BusError, NoReplyError, Outgoing, connect, platforms
from events.bus.management import management
from events.bus.topology import COMMANDS, command_key, platform_queue
from events.commands import Policy, RegisterPlatform, RemovePlatform
from events.envelope import Envelope
from events.facts import PlatformRegistered
from events.policies import policy_of
from events.replies import Rejected, read_reply
from events.store import Log, LogUnavailableError
from events.store import connect as connect_log
from events.store.search import Query, Search, Table
from events.vocabulary import platform_stream
from services.cli.errors import CliError, UnavailableError
from services.cli.output import print_json, say
from services.cli.servers import Administrator, administrator, database_url, operator_urls

REPLY_SECONDS = 30


class RefusedError(CliError):
    """The command changed nothing; `code` says why."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def add_platform(
    directory: Path | None, command: RegisterPlatform, password: str | None, *, as_json: bool
) -> None:
    """Let a platform in, or change what it may; a password that was chosen here is shown, this once."""
    made = _run(_add, operator_urls(directory), administrator(directory), command, password)
    if as_json:
        print_json({"ok": True, "platform": _fields(command), "password": made})
        return
    say(Console(), _line(command))
    if made:
        say(Console(), f"Password of the broker user {command.name}, shown this once: {made}")


def remove_platform(directory: Path | None, name: str, *, as_json: bool) -> None:
    """Accept nothing of a platform any more; its user and its queue go."""
    _run(_remove, operator_urls(directory), administrator(directory), name)
    if as_json:
        print_json({"ok": True, "removed": name})
    else:
        say(Console(), f"{name} may do nothing any more; its user and its queue are gone.")


def list_platforms(directory: Path | None, *, as_json: bool) -> None:
    """Show who may do what."""
    found = _run(policies, database_url(directory))
    if as_json:
        print_json({"ok": True, "platforms": [_fields(policy) for policy in found]})
        return
    say(Console(), *map(_line, found), f"{len(found)} platforms are registered.")


async def policies(database: str) -> list[PlatformRegistered]:
    """Return the policies that hold now, by name; raises LogUnavailableError."""
    async with connect_log(database, "storky-cli", size=1) as pool:
        search = Search([Table(pool)], Query(type=PlatformRegistered.__name__))
        streams = {event.stream async for batch in search.batches() for event in batch}
        log = Log(pool)
        histories = [await log.read_stream(stream) for stream in sorted(streams)]
    found = (policy_of(event.decode() for event in history) for history in histories)
    return [policy for policy in found if policy]


async def policy(database: str, name: str) -> PlatformRegistered | None:
    """Return the policy of one platform, None if it is not registered; raises LogUnavailableError."""
    async with connect_log(database, "storky-cli", size=1) as pool:
        return policy_of(event.decode() for event in await Log(pool).read_stream(platform_stream(name)))


async def _add(
    operator: list[str], admin: Administrator, command: RegisterPlatform, password: str | None
) -> str | None:
    async with management(admin.url, admin.user, admin.password, admin.vhost) as broker:
        known = await platforms.known(broker, command.name)
        await _order(operator, command)
        made = None if known or password else secrets.token_urlsafe(24)
        await platforms.add(broker, command.name, command.subscriptions, password or made)
    return made


async def _remove(operator: list[str], admin: Administrator, name: str) -> None:
    async with management(admin.url, admin.user, admin.password, admin.vhost) as broker:
        await platforms.known(broker, name)
        try:
            await _order(operator, RemovePlatform(name=name))
        except RefusedError as error:
            # A removal that was interrupted has left the user and the queue.
            if error.code != "unknown_platform" or not await platforms.remove(broker, name):
                raise
        else:
            await platforms.remove(broker, name)


async def _order(operator: list[str], command: Policy) -> None:
    """Send a command and wait until it is carried out; raises RefusedError and BusError."""
    envelope = Envelope.wrap(command, id=uuid4(), source="storky/operator")
    message = Outgoing(COMMANDS, command_key(envelope.name), envelope.to_bytes(), envelope.id)
    async with connect(operator, "cli") as bus:
        reply = read_reply(await bus.request(message, REPLY_SECONDS))
    if isinstance(reply, Rejected):
        raise RefusedError(reply.code, reply.reason)


def _run(work: Any, *arguments: object) -> Any:
    try:
        return anyio.run(work, *arguments)
    except NoReplyError:
        raise UnavailableError(
            "storky has not answered; call the command again, which is harmless."
        ) from None
    except BusError as error:
        raise CliError(f"The broker did not do it: {error}.") from None
    except LogUnavailableError as error:
        raise UnavailableError(f"The log cannot be read: {error}.") from None


def _fields(policy: PlatformRegistered | RegisterPlatform) -> dict[str, Any]:
    return {**policy.model_dump(mode="json"), "queue": platform_queue(policy.name)}


def _line(policy: PlatformRegistered | RegisterPlatform) -> str:
    may = ", ".join(policy.may) or "nothing"
    where = f" the apps {', '.join(policy.apps)} in {', '.join(policy.regions)}" if policy.may else ""
    keys = ", ".join(policy.subscriptions) or "nothing"
    return f"{policy.name}  may {may}{where}; {platform_queue(policy.name)} gets {keys}"
