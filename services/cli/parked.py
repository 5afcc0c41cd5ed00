"""Messages that nobody could handle: look at them, and send them again."""

import json
import logging
import os
from pathlib import Path

import anyio
import structlog
from rich.console import Console

from events.bus import BusError, connect
from events.bus.parking import ParkedMessage, list_parked, resend
from local import kept
from local.backing import AMQP_URLS, Broker, amqp_urls
from local.errors import LocalError
from services.cli.errors import CliError
from services.cli.output import print_json, say

OPERATOR = "storky-operator"
MOST = 1000  # messages in one listing

# Standard output is the result's; what goes wrong is said by an error, and by nobody else.
logging.getLogger().addHandler(logging.NullHandler())
structlog.configure(logger_factory=structlog.ReturnLoggerFactory())


def show_parked(directory: Path | None, *, as_json: bool) -> None:
    """List the oldest parked messages with their reasons."""
    parked = anyio.run(_list, _urls(directory))
    if as_json:
        print_json({"ok": True, "parked": [_fields(message) for message in parked]})
        return
    for message in parked:
        fields = _fields(message)
        say(Console(), f"{fields['id'] or 'without an id'}  from {fields['queue']}  {fields['reason']}")
    say(Console(), f"{len(parked)} messages are parked.")


def resend_parked(directory: Path | None, message_id: str | None, *, as_json: bool) -> None:
    """Send one parked message, or all, to where it came from."""
    count = anyio.run(_resend, _urls(directory), message_id)
    if message_id and not count:
        raise CliError(f"No message {message_id} is parked; list them with `storky parked list`.")
    if as_json:
        print_json({"ok": True, "sent": count})
    else:
        say(Console(), f"{count} messages were sent again.")


async def _list(urls: list[str]) -> list[ParkedMessage]:
    try:
        async with connect(urls, "cli") as bus:
            return await list_parked(bus, MOST)
    except BusError as error:
        raise _away(error) from None


async def _resend(urls: list[str], message_id: str | None) -> int:
    try:
        async with connect(urls, "cli") as bus:
            return await resend(bus, message_id)
    except BusError as error:
        raise _away(error) from None


def _away(error: BusError) -> CliError:
    return CliError(f"The broker did not do it ({error}); what is parked stays parked.")


def _urls(directory: Path | None) -> list[str]:
    """Return the broker's URLs for the operator: of a local system, else those of the environment."""
    if directory and (endpoints := directory / "endpoints.json").exists():
        secret = f"broker/{OPERATOR}"
        password = kept.passwords(directory / "secrets.json", [secret])[secret]
        return Broker(tuple(json.loads(endpoints.read_text())["amqp"]), "").urls(OPERATOR, password)
    if given := os.environ.get(AMQP_URLS):
        return list(_given(given))
    raise CliError(
        f"No broker is known: give the --dir of a running system, or set {AMQP_URLS} to {OPERATOR}'s URLs."
    )


def _given(urls: str) -> tuple[str, ...]:
    try:
        return amqp_urls(urls)
    except LocalError as error:
        raise CliError(str(error)) from None


def _fields(message: ParkedMessage) -> dict[str, str | None]:
    return {
        "id": message.delivery.message_id,
        "queue": message.delivery.queue,
        "routing_key": message.delivery.routing_key,
        "publisher": message.delivery.actor,
        "reason": message.reason,
        "parked_at": message.parked_at.isoformat() if message.parked_at else None,
    }
