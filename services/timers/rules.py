"""What is due, and the command it leads to. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from events.commands import ExpireHandover, RemindOfHandover, Timer
from projections.timers import Handover


def due(handover: Handover, reminders: Iterable[int], now: datetime) -> Timer | None:
    """Return the command that a hand-over asks for now; `reminders` are seconds before its end.

    The end is always told, however late. A reminder is told late too, but not when its moment was before the
    migration was done (the end is closer than the period then, and people have just been told of it), nor
    when a later reminder's moment, or the end, has come meanwhile.
    """
    if handover.expires_at <= now:
        return ExpireHandover(migration_id=handover.migration_id)
    moments = {seconds: handover.expires_at - timedelta(seconds=seconds) for seconds in reminders}
    come = [seconds for seconds, moment in moments.items() if handover.done_at < moment <= now]
    latest = min(come, default=None)
    if latest is None or (handover.told_seconds is not None and handover.told_seconds <= latest):
        return None
    return RemindOfHandover(migration_id=handover.migration_id, remaining_seconds=latest)


def command_id(command: Timer) -> UUID:
    """Return the one id that this timer's command may have, whichever process publishes it."""
    match command:
        case RemindOfHandover():
            return uuid5(command.migration_id, f"handover/remind/{command.remaining_seconds}")
        case ExpireHandover():
            return uuid5(command.migration_id, "handover/expire")
