"""Events of the past, once more, into the queue of one platform."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import anyio
from rich.console import Console
from rich.progress import Progress

from events.bus import Bus, BusError, Outgoing, connect
from events.bus.keys import matches
from events.bus.topology import REPLAY, platform_queue
from events.publication import envelope, routing_key
from events.store import Log, LogUnavailableError, RecordedEvent
from events.store import connect as connect_log
from events.store.search import Query, Search, Source, sources
from services.cli import platforms
from services.cli.errors import CliError, UnavailableError
from services.cli.output import print_json, say
from services.cli.servers import archive_folder, database_url, operator_urls
from services.common.formats import moment

BATCH = 500  # events in memory
IN_FLIGHT = 100  # confirms that are waited for at the same time

Tell = Callable[[int], None]


@dataclass(frozen=True)
class Wanted:
    """What was typed: positions or times, and routing keys if not those that the platform subscribes to."""

    queue: str
    start: str
    end: str | None
    keys: Sequence[str]


@dataclass(frozen=True)
class Replay:
    """Which events go where; both positions are included."""

    queue: str
    first: int
    last: int
    keys: Sequence[str]


def replay_events(directory: Path | None, wanted: Wanted, *, as_json: bool) -> None:
    """Send the wanted events; raises CliError."""
    try:
        urls = database_url(directory), operator_urls(directory)
        done, sent = anyio.run(_replay, *urls, archive_folder(directory), wanted)
    except LogUnavailableError as error:
        raise UnavailableError(f"The log cannot be read: {error}.") from None
    if as_json:
        print_json({"ok": True, "queue": done.queue, "from": done.first, "to": done.last, "sent": sent})
    else:
        say(Console(), f"{sent} of the events {done.first} to {done.last} were sent to {done.queue} again.")


async def _replay(
    database: str, operator: list[str], archives: Path | None, wanted: Wanted
) -> tuple[Replay, int]:
    name = wanted.queue.removeprefix(platform_queue(""))
    policy = await platforms.policy(database, name)
    if policy is None:
        raise CliError(f"There is no platform {name}; `storky platform list` shows them with their queues.")
    if not (keys := wanted.keys or policy.subscriptions):
        raise CliError(f"{name} subscribes to no events; say with --key which ones to send.")
    async with connect_log(database, "storky-replay", size=1) as pool:
        log = Log(pool, archives)
        first, last = await _range(log, sources(pool, archives), wanted)
        replay = Replay(platform_queue(name), first, last, keys)
        async with connect(operator, "replay") as bus:
            return replay, await _send_all(log, bus, replay)


async def _range(log: Log, everything: Sequence[Source], wanted: Wanted) -> tuple[int, int]:
    head = await log.head()
    if not head:
        raise CliError("The log is empty: there is nothing to replay.")
    first = await _position(everything, wanted.start, head, "--from")
    last = head if wanted.end is None else await _position(everything, wanted.end, head, "--to")
    if first > head:
        raise CliError(f"--from: nothing has happened since {wanted.start}; the last event is {head}.")
    if first > last:
        raise CliError(f"--from is the event {first}, and --to the earlier event {last}; exchange them.")
    return first, last


async def _position(everything: Sequence[Source], given: str, head: int, option: str) -> int:
    """Return the position that is meant; of a time the first event from then on, or the last until then."""
    if given.lstrip("-").isdecimal():
        if not 1 <= int(given) <= head:
            raise CliError(f"{option}: there is no event {given}; the log has the events 1 to {head}.")
        return int(given)
    time = _time(given, option)
    await _check_since_beginning(everything, time, option)
    found = await Search(everything, Query(since=time)).page(0, 1)
    position = found[0].position if found else head + 1
    return position if option == "--from" else position - 1


def _time(given: str, option: str) -> datetime:
    try:
        time = datetime.fromisoformat(given)
    except ValueError:
        raise CliError(
            f"{option}: {given!r} is neither a position nor a time such as 2026-01-31T12:00:00Z."
        ) from None
    if time.tzinfo is None:
        raise CliError(f"{option}: {given} has no time zone; write it such as 2026-01-31T12:00:00Z.")
    if time > datetime.now(UTC):
        raise CliError(f"{option}: {given} is in the future.")
    return time


async def _check_since_beginning(everything: Sequence[Source], time: datetime, option: str) -> None:
    (beginning,) = await Search(everything, Query()).page(0, 1)
    if time < beginning.recorded_at:
        raise CliError(
            f"{option}: the log begins later, at {moment(beginning.recorded_at)}; its first event is 1."
        )


async def _send_all(log: Log, bus: Bus, replay: Replay) -> int:
    sent = 0
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Replaying", total=replay.last - replay.first + 1)
        async for batch in _batches(log, replay):
            try:
                sent += await _send(bus, replay, batch)
            except BusError as error:
                raise CliError(
                    f"The broker did not take it ({error}). Everything before the event {batch[0].position} "
                    f"was sent: go on with --from {batch[0].position}."
                ) from None
            progress.advance(task, len(batch))
    return sent


async def _batches(log: Log, replay: Replay) -> AsyncIterator[list[RecordedEvent]]:
    position = replay.first - 1
    while position < replay.last:
        batch = await log.read_all(position, min(BATCH, replay.last - position))
        yield batch
        position = batch[-1].position


async def _send(bus: Bus, replay: Replay, batch: Sequence[RecordedEvent]) -> int:
    """Publish those of the batch that match, in order; return how many when all are confirmed."""
    limit = anyio.CapacityLimiter(IN_FLIGHT)
    matching = [message for event in batch if (message := _message(replay, event))]
    errors: list[BusError] = []

    async def publish(message: Outgoing) -> None:
        try:
            async with limit:
                await bus.publish(message)
        except BusError as error:
            errors.append(error)

    async with anyio.create_task_group() as group:
        for message in matching:
            group.start_soon(publish, message)
    if errors:
        raise errors[0]
    return len(matching)


def _message(replay: Replay, event: RecordedEvent) -> Outgoing | None:
    fact = event.decode()
    key = routing_key(fact)
    if not any(matches(pattern, key) for pattern in replay.keys):
        return None
    return Outgoing(REPLAY, replay.queue, envelope(event, fact, replayed=True).to_bytes(), event.id)
