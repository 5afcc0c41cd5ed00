"""Messages that nobody could handle: look at them, and send them again."""

from pathlib import Path

import anyio
from rich.console import Console

from events.bus import BusError, connect
from events.bus.parking import ParkedMessage, list_parked, resend
from services.cli.errors import CliError
from services.cli.output import print_json, say
from services.cli.servers import operator_urls

MOST = 1000  # messages in one listing


def show_parked(directory: Path | None, *, as_json: bool) -> None:
    """List the oldest parked messages with their reasons."""
    parked = anyio.run(_list, operator_urls(directory))
    if as_json:
        print_json({"ok": True, "parked": [_fields(message) for message in parked]})
        return
    for message in parked:
        fields = _fields(message)
        say(Console(), f"{fields['id'] or 'without an id'}  from {fields['queue']}  {fields['reason']}")
    say(Console(), f"{len(parked)} messages are parked.")


def resend_parked(directory: Path | None, message_id: str | None, *, as_json: bool) -> None:
    """Send one parked message, or all, to where it came from."""
    count = anyio.run(_resend, operator_urls(directory), message_id)
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


def _fields(message: ParkedMessage) -> dict[str, str | None]:
    return {
        "id": message.delivery.message_id,
        "queue": message.delivery.queue,
        "routing_key": message.delivery.routing_key,
        "publisher": message.delivery.actor,
        "reason": message.reason,
        "parked_at": message.parked_at.isoformat() if message.parked_at else None,
    }
